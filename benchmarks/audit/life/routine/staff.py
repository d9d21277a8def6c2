"""People who come and go, invites, groups and roles.

Near misses: an owner of a project (not of the organization), an owner who becomes a member, a role
that reads given to many, a powerful one taken away; a partner's and an agency's usual foreign
addresses, own domains in capitals and below a subdomain; somebody removed from a project only who
goes on using their key; somebody who left and came back; their keys deleted after they left.
"""

from __future__ import annotations

from ..log import DAY, HOUR, JSON
from ..organization import Organization, add_person
from ..people import Person


def tell_of_staff(made: Organization) -> None:
    """Hires, leavers, memberships, invites and roles."""
    rate = made.character.hires * len(made.people) / 100
    for at in made.times(rate):
        _join(made, at)
    for at in made.times(rate * 0.7, first=10):
        _leave(made, at)
    for at in made.times(1.2 + len(made.people) / 20):
        _move_between_projects(made, at)
    for at in made.times(made.character.foreign_invites):
        domain = f"client{made.random.randrange(400)}.example"
        _invite(made, at, f"contact@{domain}")
    if made.character.partner:
        # It was usual before the days that are looked at.
        for at in (made.working(4), made.working(17), *made.times(1.5)):
            _invite(made, at, f"advisor{made.random.randrange(90)}@{made.partner}")
    for at in made.times(0.8):
        own = f"trainee{made.random.randrange(90)}@{made.domains[0]}"
        _invite(made, at, made.random.choice((own, own.upper(), own.replace("@", "@eu."))))
    for at in made.times(0.06):  # an auditor, an advisor: rare, and somebody should look
        _invite(made, at, f"auditor@audit{made.random.randrange(90)}.example")
    _tell_of_roles(made)


def _join(made: Organization, at: float) -> None:
    random, log = made.random, made.log
    someone = add_person(made, joined=at + 2 * HOUR)
    if made.character.scim:
        by = made.program(at) if random.random() < 0.3 else "scim"
        log.note(at + 2 * HOUR, "user.added", {"id": someone.id, "data": {"role": "reader"}}, by=by)
        return
    invite = made.new_id("invite-")
    data = {"email": someone.email, "role": "reader"}
    owner = made.owner(at)
    log.note(at, "invite.sent", {"id": invite, "data": data}, by=made.at(owner, at))
    by = made.at(someone, at + 2 * HOUR)
    log.note(at + 2 * HOUR, "invite.accepted", {"id": invite}, by=by)
    payload = {"id": someone.id, "data": {"role": "reader"}}
    log.note(at + 2 * HOUR, "user.added", payload, by=by)
    for project in random.sample(made.projects, min(2, len(made.projects))):
        moment = at + 3 * HOUR + random.uniform(0, 300)
        payload = {"id": someone.id, "data": {"role": random.choice(("member", "owner"))}}
        log.note(moment, "user.added", payload, by=made.at(owner, moment), project=project)


def _leave(made: Organization, at: float) -> None:
    random, log = made.random, made.log
    leaving = [
        p
        for p in made.present(at)
        if p not in made.owners and p.id not in made.staying and p.joined < at - 3 * DAY
    ]
    if len(leaving) < 4:
        return
    payload: JSON
    someone = random.choice(leaving)
    someone.left = at
    owner = made.owner(at)
    moment = at
    for project in random.sample(made.projects, min(random.randint(0, 5), len(made.projects))):
        moment += random.uniform(3, 30)
        payload = {"id": someone.id}
        log.note(moment, "user.deleted", payload, by=made.at(owner, moment), project=project)
    for key_id in someone.keys:
        moment += random.uniform(3, 30)
        project = random.choice(made.projects)
        by = made.at(owner, moment)
        log.note(moment, "api_key.deleted", {"id": key_id}, by=by, project=project)
    # What they did themselves is before this.
    moment += random.uniform(5, 30)
    remover = "scim" if made.character.scim else made.at(owner, moment)
    log.note(moment, "user.deleted", {"id": someone.id}, by=remover)
    someone.left = moment - 1
    if random.random() < 0.05 and moment + 9 * DAY < made.ends:  # comes back
        back = moment + random.uniform(3 * DAY, 8 * DAY)
        payload = {"id": someone.id, "data": {"role": "reader"}}
        log.note(back, "user.added", payload, by=made.at(owner, back))
        _use(made, someone, back + 5 * HOUR)


def _use(made: Organization, someone: Person, at: float) -> None:
    """A key of theirs changes a limit, as a script of theirs would."""
    if at >= made.ends:
        return
    project = made.random.choice(made.projects)
    changes = {"title": project["name"]}
    by = made.by_key(made.new_id("key_"), someone)
    payload = {"id": project["id"], "changes_requested": changes}
    made.log.note(at, "project.updated", payload, by=by, project=project)


def _move_between_projects(made: Organization, at: float) -> None:
    random, log = made.random, made.log
    someone, owner = made.somebody(at), made.owner(at)
    project = random.choice(made.projects)
    by = made.at(owner, at)
    chance = random.random()
    if chance < 0.5:
        payload = {"id": someone.id, "data": {"role": random.choice(("member", "owner"))}}
        log.note(at, "user.added", payload, by=by, project=project)
    elif chance < 0.75:
        changes = {"role": random.choice(("owner", "member"))}
        payload = {"id": someone.id, "changes_requested": changes}
        log.note(at, "user.updated", payload, by=by, project=project)
    else:
        log.note(at, "user.deleted", {"id": someone.id}, by=by, project=project)
        if someone.is_there(at + 2 * HOUR):
            _use(made, someone, at + 2 * HOUR)


def _invite(made: Organization, at: float, email: str) -> None:
    role = "reader"
    payload = {"id": made.new_id("invite-"), "data": {"email": email, "role": role}}
    owner = made.owner(at)
    made.log.note(at, "invite.sent", payload, by=made.at(owner, at))


def _tell_of_roles(made: Organization) -> None:
    random, log = made.random, made.log
    where = {"resource_type": "organization", "resource_id": made.id}
    payload: JSON
    for at in made.times(1.5 if made.character.roles else 0.3):
        someone, by = made.somebody(at), made.at(made.owner(at), at)
        payload = {"principal_type": "user", "principal_id": someone.id, **where}
        chance = random.random()
        if chance < 0.65:
            log.note(at, "role.assignment.created", {"id": made.roles["reader"], **payload}, by=by)
        elif chance < 0.9:
            kind = random.choice(("reader", "powerful"))
            log.note(at, "role.assignment.deleted", {"id": made.roles[kind], **payload}, by=by)
        elif chance < 0.92:  # a new colleague in the team that runs the platform
            id = made.roles["powerful"]
            log.note(at, "role.assignment.created", {"id": id, **payload}, by=by)
    for at in made.times(0.4):
        by, group = made.at(made.owner(at), at), random.choice(made.groups)
        payload = {"id": group, "user_id": made.somebody(at).id}
        log.note(at, "tenant.group.member.added", payload, by=by)
    for at in made.times(0.15):
        role = made.new_id("role-")
        permissions = random.choice((["api.usage.read"], ["api.management.read"]))
        payload = {"id": role, "role_name": "Viewer", "permissions": permissions, **where}
        log.note(at, "role.created", payload, by=made.at(made.owner(at), at))
        changes = {"permissions_added": ["api.usage.read"], "permissions_removed": []}
        payload = {"id": role, "changes_requested": {**changes, **where}}
        log.note(at + 400, "role.updated", payload, by=made.at(made.owner(at), at + 400))
    for at in made.times(0.03):  # an owner more, or less
        someone = made.somebody(at)
        if someone in made.owners:
            continue
        for moment, role in ((at, "owner"), (at + 5 * DAY, "reader")):
            if moment < made.ends and someone.is_there(moment):
                payload = {"id": someone.id, "changes_requested": {"role": role}}
                log.note(moment, "user.updated", payload, by=made.at(made.owner(moment), moment))
