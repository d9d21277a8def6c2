"""Who can do what, by the facts alone.

The rules, each with its source. *Contract* is the description of the API's operations; *guide* is
OpenAI's public guide to permissions ("Manage permissions in the OpenAI platform"); *safe* marks
what neither says, decided so that nobody looks less powerful than they may be, or stands as not
known.

**Places.** A grant has a ``project_id``; ``null`` means the organization and every project.

1. A role of the organization counts in the organization and in every project, so its grants have
   the ``project_id`` ``null``. A role of a project counts in that project alone (guide: roles of
   the organization "apply everywhere", those of a project "only in that project").
2. Nothing is granted in a project whose `status` is ``archived`` (contract: it refuses what is
   scoped to it): its memberships, assignments, service accounts and keys are ignored, and it is
   none of the projects of rule 9. A project that is not in the facts, or has another status, is
   not archived.

**People.** The principal ``("user", id)``, for each of `Facts.people`.

3. What somebody has is the union of their roles, from all of rules 4 to 9 (guide). Equal grants
   (principal, permission, ``project_id``) are one, with every path; equal paths are one.
4. A person whose account is banned (`banned` is true) or disabled (`enabled` is false) has
   nothing, and nothing of them is unknown (contract: `enabled` says whether the account can be
   used). What is ``null`` is neither.
5. The `role` of a membership, in the organization (`Person.role`) or in a project
   (`ProjectMember.role`), stands for the predefined role of that name there (contract: it names
   ``owner``, ``reader``, ``member``, ``viewer``). That is the role in `Facts.roles` of the same
   ``project_id`` with `is_predefined` whose `name`, in lower case, is the membership's role in
   lower case, or whose `id` is ``role-api-organization-ROLE`` or ``role-api-project-ROLE``; of
   several, the first by `id`. The path is ``membership`` (id: the role's name as it came), then
   ``role``. The role ``none`` (in any letter case) grants nothing. Where `role` is ``null`` it is
   unknown: ``unnamed``, with an empty path - in the organization not where
   `is_member` is false. Where there is no such predefined role it is unknown: ``undefined``, with
   the path ``membership``. Users of a project count even if they are not among the people; then
   they are a principal too. Of several memberships of one person in one project each counts.
6. A role that was assigned to a user (`Assignment`, `principal_type` ``user``) is theirs. Where
   `sources` is empty the path is ``role``; otherwise there is a path for each source: a step with
   the source's `type` and `id`, then ``role`` (contract: `assignment_sources` are the groups that
   it is inherited from). Users with an assignment count like those of rule 5.
7. A role that was assigned to a group (`principal_type` ``group``) is that of each user in its
   `member_ids`; the path is ``group``, then ``role``. Groups are never in groups (contract: their
   users are users). Of a group whose `member_ids` are ``null``, nothing follows; members count
   like those of rule 5. Assignments of any other `principal_type` are ignored.
8. What a role grants is the `permissions` of the role in `Facts.roles` with the same id and
   ``project_id``; where there is none, or its permissions are ``null``, the `permissions` of the
   assignment; where these are ``null`` too it is unknown: ``permissions``, with the path up to and
   including ``role``. For a membership there is no assignment. An empty list grants nothing. One
   permission implies no other (contract: permissions are texts of their own).
9. An owner of the organization - anybody who has, by any path of rules 5 to 7, a role of the
   organization that is a predefined ``owner`` as rule 5 would find it, or an assigned one in the
   organization whose id is ``role-api-organization-owner`` - has in every project of
   `Facts.projects` also what the project's predefined ``owner`` grants (guide: in its table, the
   owner of the organization may do all that a project's owner may). The path is the whole path of
   the organization's role, then ``role`` (of the project). Where a project has no predefined
   ``owner``, in the facts, or its permissions are ``null``, that is unknown: ``undefined`` with
   the path of the organization's role, or ``permissions`` with the project's role after it.

**Service accounts.** The principal ``("service_account", id)``.

10. It has what its `role` stands for in its project, as in rule 5: ``none`` is nothing, ``null`` is
    unknown.

**Keys of projects.** The principal ``("api_key", id)``. The ``project_id`` of all it has is its
project's.

11. A key whose `expires_at` is not later than `taken_at` has nothing (contract: it stops working).
12. A key whose `owner_type` is neither ``user`` nor ``service_account``, or whose `owner_id` is
    ``null``, is unknown: ``unowned``, with an empty path.
13. Any other key has at most what its owner has in its project: the owner's grants, and what is
    unknown of the owner, of that project and of the ``project_id`` ``null``. Its scopes, which the
    API does not show, may leave less; so may the want of a role in the project, as the guide asks
    for "some project role" of the owner (safe). Each path begins with the owner: ``user`` or
    ``service_account``. The service account is the one of the same id and project.
14. A user's key is unknown where the user is not one of the principals that rules 3 to 7 know:
    ``absent`` - somebody who has left, or everybody where people could not be read -, or where
    rule 4 holds: ``blocked``. A service account's key is unknown where there is no such account in
    the project: ``absent``. The path is the owner. (Contract: keys of people who are not in the
    project any more still work, and it does not say what they may do.)

**Admin keys.** The principal ``("admin_api_key", id)``.

15. As keys of projects (rules 11 to 14), of an owner who is a user - a service account's id is not
    among the people, and so unknown: ``absent`` -, but with all that the owner has, at its own
    places. Where `is_admin_key` is ``null`` it is unknown: ``kind``, with an empty path, before
    anything else but rule 11. A ``null`` `owner_id` is ``unowned``.

**Steps.** The ``project_id`` of a step is where its membership or role is of; for ``user``,
``service_account``, ``group`` and other sources it is ``null``. An unknown has its principal, its
``project_id``, its reason and its path; equal ones are one.

**Asking.** A held permission answers a question where they are equal, or where one of the two,
with each ``*`` standing for any run of characters, dots included, covers the other as a text. (The
contract has no wildcards; the emulator's shape of a permission allows ``*``.)
"""
