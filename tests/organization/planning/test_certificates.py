"""Certificates: compared by what they contain, active where the file says, deleted last."""

from __future__ import annotations

from openai_admin.organization.document.model import Certificate, Document, Project
from openai_admin.organization.planning.model import From
from tests.pem import CERTIFICATE, LEAF

from .frame import PROJECT, Calls, calls, changes, impossible, planned, untouched

_PRUNE = ("certificates", "projects.certificates")


def _certificates(**certificates: Certificate) -> Document:
    return Document(certificates=certificates)


def test_one_that_is_missing_is_uploaded_and_then_activated() -> None:
    wanted = _certificates(next=Certificate(file="ca.pem", content=CERTIFICATE, active=True))
    plan = planned(wanted, _certificates())
    uploaded, _ = plan.steps
    assert calls(plan) == [
        ("certificates.create", {"certificate": CERTIFICATE, "name": "next"}),
        ("certificates.activate", {"certificate_ids": [From(step=uploaded.id)]}),
    ]


def test_one_that_is_missing_needs_a_file() -> None:
    plan = planned(_certificates(next=Certificate(active=True)), _certificates())
    assert (calls(plan), len(impossible(plan))) == ([], 1)
    assert "`file:`" in impossible(plan)[0][1]


def test_one_with_the_same_content_and_activity_is_left_alone() -> None:
    there = _certificates(ca=Certificate(id="cert_1", content=CERTIFICATE, active=True))
    text = "Subject: a comment\r\n" + CERTIFICATE.replace("\n", "\r\n")
    for wanted in (
        Certificate(file="ca.pem", content=text, active=True),
        Certificate(file="ca.pem", content=text),
        Certificate(active=True),
    ):
        plan = planned(_certificates(ca=wanted), there)
        assert (calls(plan), impossible(plan), untouched(plan)) == ([], [], [])


def test_another_content_is_another_certificate() -> None:
    plan = planned(
        _certificates(ca=Certificate(file="ca.pem", content=LEAF, active=False)),
        _certificates(ca=Certificate(id="cert_1", content=CERTIFICATE, active=True)),
    )
    assert calls(plan) == []
    ((label, reason),) = impossible(plan)
    assert label == "ca"
    assert "its own name" in reason


def test_content_that_could_not_be_read_is_said_not_to_be_compared() -> None:
    plan = planned(
        _certificates(ca=Certificate(file="ca.pem", content=CERTIFICATE)),
        _certificates(ca=Certificate(id="cert_1", active=True)),
    )
    assert (calls(plan), untouched(plan)) == ([], [("ca", "not_known")])


def test_a_pin_renames() -> None:
    plan = planned(
        _certificates(new=Certificate(id="cert_1")), _certificates(old=Certificate(id="cert_1"))
    )
    assert calls(plan) == [("certificates.update", {"certificate_id": "cert_1", "name": "new"})]
    assert changes(plan) == [("name", "old", "new")]


def test_ten_are_activated_at_a_time_and_none_is_deactivated_before() -> None:
    there = {
        f"ca{number:02}": Certificate(id=f"cert_{number}", active=number < 3)
        for number in range(15)
    }
    wanted = {
        label: Certificate(active=not certificate.active) for label, certificate in there.items()
    }
    plan = planned(Document(certificates=wanted), Document(certificates=there))
    assert [(op, len(arguments["certificate_ids"])) for op, arguments in calls(plan)] == [
        ("certificates.activate", 10),
        ("certificates.activate", 2),
        ("certificates.deactivate", 3),
    ]
    *on, off = plan.steps
    assert set(off.needs) == {step.id for step in on}


def _active_in_core(*labels: str) -> Project:
    return Project(id=PROJECT, certificates=labels)


def _both(project: Project | None, *, prune: tuple[str, ...] = _PRUNE) -> Calls:
    """The calls of a file with `kept`, where there is `old`, too, active everywhere."""
    there = Document(
        certificates={
            "kept": Certificate(id="cert_kept", active=True),
            "old": Certificate(id="cert_old", active=True),
        },
        projects={"Core": _active_in_core("old")},
    )
    wanted = Document(
        certificates={"kept": Certificate(active=True)},
        projects=None if project is None else {"Core": project},
        prune=prune,
    )
    plan = planned(wanted, there)
    assert not (calls(plan) and impossible(plan))
    return calls(plan)


def test_one_that_goes_is_deactivated_everywhere_first() -> None:
    assert _both(Project(certificates=("kept",))) == [
        (
            "projects.certificates.activate",
            {"project_id": PROJECT, "certificate_ids": ["cert_kept"]},
        ),
        (
            "certificates.deactivate",
            {"certificate_ids": ["cert_old"]},
        ),
        (
            "projects.certificates.deactivate",
            {"project_id": PROJECT, "certificate_ids": ["cert_old"]},
        ),
        ("certificates.delete", {"certificate_id": "cert_old"}),
    ]


def test_one_that_a_project_keeps_does_not_go() -> None:
    assert _both(None) == []
    assert _both(Project(certificates=()), prune=("certificates",)) == []


def test_one_goes_after_a_project_that_is_archived_unread() -> None:
    there = Document(
        certificates={"old": Certificate(id="cert_old", active=False)},
        projects={"Core": Project(id=PROJECT)},
    )
    wanted = Document(certificates={}, projects={}, prune=("certificates", "projects"))
    archived, deleted = planned(wanted, there).steps
    assert (archived.operation, deleted.operation) == ("projects.archive", "certificates.delete")
    assert archived.id in deleted.needs


def test_a_project_may_name_one_that_is_uploaded_with_it() -> None:
    there = Document(certificates={}, projects={"Core": _active_in_core()})
    plan = planned(
        Document(
            certificates={"next": Certificate(file="ca.pem", content=CERTIFICATE)},
            projects={"Core": Project(certificates=("next",))},
        ),
        there,
    )
    uploaded, activated = plan.steps
    assert activated.arguments["certificate_ids"] == [From(step=uploaded.id)]


def test_in_a_project_those_that_are_not_in_the_file_stay_unless_asked_for() -> None:
    there = Document(
        certificates={"ca": Certificate(id="cert_1")}, projects={"Core": _active_in_core("ca")}
    )
    plan = planned(Document(projects={"Core": Project(certificates=())}), there)
    assert (calls(plan), untouched(plan)) == ([], [("ca", "not_in_file")])


def test_a_project_names_only_what_there_is() -> None:
    plan = planned(
        Document(projects={"Core": Project(certificates=("gatway",))}),
        Document(
            certificates={"gateway": Certificate(id="cert_1")},
            projects={"Core": _active_in_core()},
        ),
    )
    assert calls(plan) == []
    assert "did you mean 'gateway'?" in impossible(plan)[0][1]


def test_in_a_project_nothing_changes_where_the_organizations_are_not_known() -> None:
    plan = planned(
        Document(projects={"Core": Project(certificates=("ca",))}, prune=_PRUNE),
        Document(projects={"Core": _active_in_core("old")}),
    )
    assert (calls(plan), impossible(plan), untouched(plan)) == ([], [], [("Core", "not_known")])


def test_certificates_that_could_not_be_read_stay() -> None:
    wanted = Document(certificates={"ca": Certificate(active=True)}, prune=_PRUNE)
    plan = planned(wanted, Document())
    assert (calls(plan), untouched(plan)) == ([], [("certificates", "not_known")])


def test_that_calls_without_one_may_be_refused_is_said_of_the_first_that_is_active() -> None:
    there = {"a": Certificate(id="cert_1", active=True), "b": Certificate(id="cert_2")}
    second = planned(
        Document(certificates={"b": Certificate(active=True)}), Document(certificates=there)
    )
    in_project = planned(
        Document(projects={"Core": Project(certificates=("b",))}),
        Document(certificates=there, projects={"Core": _active_in_core()}),
    )
    assert second.steps[0].notes == ()
    assert (
        in_project.steps[0].notes[0].startswith("Once a certificate is active, OpenAI may refuse")
    )


def test_the_first_one_that_is_active_is_a_threshold() -> None:
    there = {"a": Certificate(id="cert_1", active=True), "b": Certificate(id="cert_2")}
    on = Document(certificates={"b": Certificate(active=True)})
    assert planned(on, Document(certificates=there)).exceeded == ()
    first = planned(on, Document(certificates={"b": there["b"]}))
    in_core = planned(
        Document(projects={"Core": Project(certificates=("a",))}),
        Document(certificates=there, projects={"Core": Project(id=PROJECT, certificates=())}),
    )
    for plan, where in ((first, "the organization"), (in_core, "Core")):
        (exceeded,) = plan.exceeded
        assert exceeded.kind == "mutual_tls"
        assert exceeded.reason.endswith(f"would become active in {where}.")
    new = Document(projects={"New": Project(certificates=("a",))})
    assert planned(new, Document(certificates=there, projects={})).exceeded == ()
