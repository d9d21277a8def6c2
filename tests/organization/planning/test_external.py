"""External keys and storage: made and removed, never changed."""

from __future__ import annotations

from openai_admin.organization.document.model import (
    Document,
    ExternalKey,
    ExternalStorage,
    Project,
    Protected,
)
from openai_admin.organization.planning.model import From

from .frame import PROJECT, calls, impossible, planned, planned_in_project, untouched

_DETAILS = {
    "external_id": "org-1",
    "kms_arn": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "role_arn": "arn:aws:iam::123456789012:role/openai",
}
_KEY = ExternalKey(type="aws", purpose="ekm", details=_DETAILS)
_THERE = ExternalKey(id="extkey_1", type="aws", purpose="ekm", details=_DETAILS)
_ROLE = "arn:aws:iam::123456789012:role/openai"
_BUCKET = {"type": "aws", "bucket": "core", "role_arn": _ROLE}


def test_a_key_that_is_missing_is_made_before_the_project_that_uses_it() -> None:
    plan = planned(
        Document(external_keys={"ekm": _KEY}, projects={"Core": Project(external_key="ekm")}),
        Document(external_keys={}, projects={}),
    )
    made, used = plan.steps
    assert made.arguments == {"type": "aws", "name": "ekm", "purpose": "ekm", **_DETAILS}
    assert used.operation == "projects.create"
    assert used.arguments["external_key_id"] == From(step=made.id)


def test_a_key_that_is_as_the_file_says_is_left_alone() -> None:
    plan = planned(Document(external_keys={"ekm": _KEY}), Document(external_keys={"ekm": _THERE}))
    assert (calls(plan), impossible(plan)) == ([], [])


def test_a_project_keeps_its_key_by_whichever_name_the_file_has_it() -> None:
    there = Document(
        external_keys={"ekm": _THERE, "old": ExternalKey(id="extkey_2", type="aws", details={})},
        projects={"Core": Project(id=PROJECT, external_key="ekm")},
    )
    for key in ("ekm", "extkey_1"):
        assert calls(planned(Document(projects={"Core": Project(external_key=key)}), there)) == []
    for key in ("old", "extkey_2"):
        plan = planned(Document(projects={"Core": Project(external_key=key)}), there)
        (step,) = plan.steps
        assert step.arguments == {"project_id": PROJECT, "external_key_id": "extkey_2"}
        (change,) = step.changes
        assert (change.old, change.new) == ("ekm", key)


def test_a_key_cannot_be_changed_nor_renamed() -> None:
    there = Document(external_keys={"ekm": _THERE})
    other = ExternalKey(type="aws", details={**_DETAILS, "external_id": "org-2"})
    renamed = ExternalKey(id="extkey_1", type="aws", purpose="ekm", details=_DETAILS)
    for label, key, field in (("ekm", other, "external_id"), ("new", renamed, "name")):
        plan = planned(Document(external_keys={label: key}), there)
        assert calls(plan) == []
        ((_, reason),) = impossible(plan)
        assert reason.startswith(
            f"An external key cannot be changed, and in {field} this one differs"
        )


def test_a_key_goes_after_the_projects_have_let_go_of_it() -> None:
    there = Document(
        external_keys={"ekm": _THERE}, projects={"Core": Project(id=PROJECT, external_key="ekm")}
    )
    prune = ("external_keys",)
    used = planned(Document(external_keys={}, projects={"Core": Project()}, prune=prune), there)
    assert calls(used) == []
    assert "It is used by Core" in impossible(used)[0][1]
    free = planned(
        Document(external_keys={}, projects={"Core": Project(external_key="none")}, prune=prune),
        there,
    )
    assert calls(free) == [
        ("projects.update", {"project_id": PROJECT, "external_key_id": None}),
        ("external_keys.delete", {"external_key_id": "extkey_1"}),
    ]
    update, delete = free.steps
    assert delete.needs == (update.id,)
    assert delete.is_final


def test_a_key_that_is_not_in_the_file_stays_unless_asked_for() -> None:
    plan = planned(Document(external_keys={}), Document(external_keys={"ekm": _THERE}))
    assert (calls(plan), untouched(plan)) == ([], [("ekm", "not_in_file")])


def test_storage_is_found_by_what_the_file_says_of_it() -> None:
    there = ExternalStorage(id="extstore_1", provider={**_BUCKET, "region": "us-east-1"})
    plan = planned_in_project(
        Project(external_storage=(ExternalStorage(provider=_BUCKET),)),
        Project(external_storage=(there,)),
    )
    assert (calls(plan), untouched(plan)) == ([], [])


def test_other_storage_is_connected_before_what_is_not_in_the_file_goes() -> None:
    other = {**_BUCKET, "bucket": "new"}
    wanted = Project(external_storage=(ExternalStorage(provider=other),))
    there = Project(external_storage=(ExternalStorage(id="extstore_1", provider=_BUCKET),))
    created = ("external_storage.create", {"project_id": PROJECT, "provider": other})
    left = planned_in_project(wanted, there)
    assert (calls(left), untouched(left)) == ([created], [("core", "not_in_file")])
    assert calls(planned_in_project(wanted, there, prune=("projects.external_storage",))) == [
        created,
        ("external_storage.delete", {"external_storage_id": "extstore_1"}),
    ]


def test_pinned_storage_cannot_be_changed_nor_be_another_projects() -> None:
    other = {**_BUCKET, "bucket": "new"}
    there = Project(external_storage=(ExternalStorage(id="extstore_1", provider=_BUCKET),))
    changed = planned_in_project(
        Project(external_storage=(ExternalStorage(id="extstore_1", provider=other),)), there
    )
    unknown = planned_in_project(
        Project(external_storage=(ExternalStorage(id="extstore_2", provider=_BUCKET),)), there
    )
    assert calls(changed) == calls(unknown) == []
    assert "cannot be changed" in impossible(changed)[0][1]
    assert "did you mean 'extstore_1'?" in impossible(unknown)[0][1]


def test_storage_of_a_protected_project_stays() -> None:
    there = Project(
        id=PROJECT, external_storage=(ExternalStorage(id="extstore_1", provider=_BUCKET),)
    )
    plan = planned(
        Document(
            projects={"Core": Project(external_storage=())},
            prune=("all",),
            protect=Protected(projects=("Core",)),
        ),
        Document(projects={"Core": there}),
    )
    assert (calls(plan), untouched(plan)) == ([], [("core", "protected")])


def test_storage_that_could_not_be_read_or_not_wholly_is_not_made_twice() -> None:
    wanted = Project(external_storage=(ExternalStorage(provider=_BUCKET),))
    unread = planned_in_project(wanted, Project())
    assert (calls(unread), untouched(unread)) == ([], [("Core", "not_known")])
    partly = planned_in_project(
        wanted,
        Project(external_storage=()),
        incomplete=[("projects.external_storage", PROJECT)],
    )
    assert (calls(partly), untouched(partly)) == ([], [("core", "not_known")])
