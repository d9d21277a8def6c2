"""Each mistake of a file is told with its line, and with what is meant."""

from __future__ import annotations

import pytest

from tests.organization.document.mistakes import mistakes_of

MISTAKES = {
    "": "org.yaml is empty; it would begin with 'version: 1'.",
    "# nothing\n": "org.yaml is empty; it would begin with 'version: 1'.",
    "- a": "line 1: the file must be a mapping with sections.",
    "\n\nversion: 2": "line 3: version must be 1, the only one that is read, not '2'.",
    "version: [1]": "line 1: version must be a whole number, not a list.",
    "people:\n- ana@example.com": "line 1: people must be a mapping, not a list.",
    "peopel: {}": "line 1: there is no key 'peopel' here; did you mean 'people'?",
    "a: [1\n": "line 2: this is not valid YAML: expected ',' or ']', but got '<stream end>'.",
    "people:\n  @ana: owner\n": (
        "line 2: this is not valid YAML: found character '@' that cannot start any token:"
        " quote the text, and indent with blanks."
    ),
    "a: 1\n---\na: 1\n": (
        "line 2: this is not valid YAML: it has a second document, after a line '---'."
    ),
    "projects:\n  A: &a\n    members: *a\n": "line 3: what *a repeats contains *a itself.",
    "people: *p": "line 1: the alias *p has no anchor &p before it.",
    "projects:\n  A: {roles: &r {R: {id: r}}}\n  B: {roles: *r}": (
        "line 2: projects / B / roles / R: the id 'r' is pinned twice, first in org.yaml, line 2."
    ),
    "x-r: &r R\ngroups: {A: {roles: [*r, *r]}}": (
        "line 1: groups / A / roles: 'R' stands in this list twice."
    ),
    "x-a: &a {}\nx-b: &a {}": "line 2: the anchor &a stands here twice, first in line 1.",
    "people: !Ref x": "line 1: the tag '!Ref' has no meaning here.",
    "roles: {'a\x01': {}}": "line 1: the character U+0001 is not allowed in YAML;",
    "groups:\n  A: {}\n  B: {}\n  A: {}\n": (
        "line 4: the key 'A' stands here twice, first in line 2."
    ),
    "people:\n  ana@example.com: owner\n  Ana@Example.com: owner\n": (
        "line 3: people: the address 'Ana@Example.com' stands here twice, first in line "
        "2, there as 'ana@example.com'."
    ),
    "groups:\n  A:\n    members: [a@b.c,\n      A@b.c]\n": (
        "line 4: groups / A / members: the address 'A@b.c' stands here twice, first in "
        "line 3, there as 'a@b.c'."
    ),
    "people: {ana: owner}": "line 1: people: 'ana' is not an address such as ana@example.com.",
    "people: {a@b.c: onwer}": (
        "line 1: people / a@b.c: role must be 'owner' or 'reader', not 'onwer'; did you "
        "mean 'owner'?"
    ),
    "projects: {A: {members: {a@b.c: no}}}": (
        "line 1: projects / A / members / a@b.c: role must be 'owner', 'member' or "
        "'viewer', not 'no'."
    ),
    "groups:\n  A: {id: g}\n  B: {id: g}\n": (
        "line 3: groups / B: the id 'g' is pinned twice, first in org.yaml, line 2."
    ),
    "groups:\n  A: {name: B, id: g}\n  B: {}\n": (
        "line 3: groups: 'A' and 'B' have the same name 'B': pin both with 'id'."
    ),
    "groups: {'': {}}": "line 1: groups: a name must not be empty.",
    "groups: {A: {members: }}": (
        "line 1: groups / A: members has no value; write [] for an empty one, or take the line out."
    ),
    "groups: {'  ': {}}": "line 1: groups: a name must have more than blanks.",
    "groups: {A: {name: '  '}}": "line 1: groups: a name must have more than blanks.",
    "people: {'a @b.c': owner}": "line 1: people: 'a @b.c' is not an address such as",
    "people: {a@b@c: owner}": "line 1: people: 'a@b@c' is not an address such as",
    'groups: {A: {members: ["a@b.c\\n"]}}': "line 1: groups / A / members: 'a@b.c\\n' is not an",
    "people: {username: owner}": "line 1: people: 'username' is not an address such as",
    "settings: {spend_alerts: [{amount: 5, emails: [user-1]}]}": (
        "line 1: settings / spend_alerts[0] / emails: 'user-1' is not an address such as"
    ),
    "organization:": "line 1: organization has no value; take the line out.",
    "organization: ''": "line 1: organization must not be empty; write a text, or take the line",
    "people: {a@b.c: {role: }}": "line 1: people / a@b.c: role has no value; take the line out.",
    "roles: {R: {description: }}": (
        "line 1: roles / R: description has no value; write '' for an empty one, or take the"
    ),
    "prune: persons": "line 1: prune must be ",
    "prune: [projects.rate_limits]": (
        "line 1: prune[0] cannot be 'projects.rate_limits': it has nothing that is removed for not"
        " being in the file."
    ),
    "prune: [people.role]": (
        "line 1: prune[0] cannot be 'people.role'; did you mean 'people.roles'?"
    ),
    "protect: {project: [A]}": (
        "line 1: protect: there is no key 'project' here; did you mean 'projects'?"
    ),
    "settings: {spend_limit: 1_000}": (
        "line 1: settings: spend_limit must be an amount in dollars, such as 500 or "
        "1250.50, not '1_000'; write 1000; or write 'none'."
    ),
    "settings: {spend_limit: '500'}": (
        "line 1: settings: spend_limit must be an amount in dollars, such as 500 or "
        "1250.50, not '500'; write 500 without quotes; or write 'none'."
    ),
    "settings: {spend_limit: 0.001}": (
        "line 1: settings: spend_limit may have at most two decimals, not 0.001; or write 'none'."
    ),
    "settings: {spend_limit: 0}": (
        "line 1: settings: spend_limit must be at least 0.01 dollars, not 0; for none, "
        "write 'none'."
    ),
    "settings: {spend_limit: .inf}": (
        "line 1: settings: spend_limit must be an amount in dollars, such as 500 or "
        "1250.50, not '.inf'; or write 'none'."
    ),
    "settings: {spend_alerts: [{amount: -1}]}": (
        "line 1: settings / spend_alerts[0]: amount must be at least 0 dollars, not -1."
    ),
    "settings: {spend_alerts: [{}]}": (
        "line 1: settings / spend_alerts[0]: 'amount' is missing here."
    ),
    "settings: {data_retention: zero_retention}": (
        "line 1: settings: data_retention must be 'zero_data_retention',"
    ),
    "projects: {A: {rate_limits: {g: {max_requests_per_1_minute: 012}}}}": (
        "line 1: projects / A / rate_limits / g: max_requests_per_1_minute must be a "
        "whole number, not '012'."
    ),
    "projects: {A: {rate_limits: {g: {max_requests_per_1_minute: -1}}}}": (
        "line 1: projects / A / rate_limits / g: max_requests_per_1_minute must be at "
        "least 0, not -1."
    ),
    "projects: {A: {hosted_tools: {web_search: on}}}": (
        "line 1: projects / A / hosted_tools: web_search must be true or false, not 'on';"
        " write true."
    ),
    "projects: {A: {hosted_tools: {web: true}}}": (
        "line 1: projects / A / hosted_tools: there is no key 'web' here; allowed are"
    ),
    "projects: {A: {models: all}}": (
        "line 1: projects / A: models must be a mapping or 'none', not text."
    ),
    "projects: {A: {residency: EU}}": "line 1: projects / A: residency must be 'GLOBAL', ",
    "projects: {A: {residency: GLOBAL, geography: EU}}": (
        "line 1: projects / A: 'residency' and 'geography' say the same; keep one of them."
    ),
    "projects: {A: {service_tiers: {enabled: [flex, slow]}}}": (
        "line 1: projects / A / service_tiers: enabled[1] must be 'flex', 'fast' or "
        "'ultrafast', not 'slow'."
    ),
    "projects: {A: {groups: {G: [viewer, viewer]}}}": (
        "line 1: projects / A / groups / G / roles: 'viewer' stands in this list twice."
    ),
    "defaults:\n  service_accounts:\n    ci: {id: x}\n": (
        "line 3: defaults / service_accounts / ci: 'id' cannot stand in the defaults, "
        "which hold for each project."
    ),
    "external_keys: {k: {type: aws, details: {key_name: x}}}": (
        "line 1: external_keys / k: the details of a key of the type 'aws' have no 'key_name';"
    ),
    "projects: {A: {external_storage: [{provider: {type: aws, bukket: b}}]}}": (
        "line 1: projects / A / external_storage[0]: provider has no field 'bukket';"
    ),
    "identity_providers: {i: {issuer: x, audience: y, jwks: {keys: [{d: s}]}}}": (
        "line 1: identity_providers / i: jwks holds a private key;"
    ),
    "identity_providers: {i: {issuer: x}}": (
        "line 1: identity_providers / i: 'audience' is missing"
    ),
    "certificates: {c: {file: no.pem}}": (
        "line 1: certificates / c: the file 'no.pem' cannot be read: No such file or directory."
    ),
    "external_keys: {k: {type: aws, details: {kms_arn: [x]}}}": (
        "line 1: external_keys / k / details: kms_arn must be text, not a list."
    ),
    "external_keys: {k: {type: aws}}": (
        "line 1: external_keys / k: the details of a key of the type 'aws' need 'external_id', "
        "'kms_arn' and 'role_arn'."
    ),
    "certificates: {c: {content: x}}": (
        "line 1: certificates / c: there is no key 'content' here;"
    ),
    "[" * 1000: "org.yaml has lists or mappings too deep inside each other.",
}
"""How the first mistake of a file begins."""


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_line(text: str) -> None:
    assert mistakes_of(text)[0].startswith(MISTAKES[text])


@pytest.mark.parametrize("value", ["no", "0x10", ".inf", "1e3", "007", "1_000", "2020-01-01"])
def test_what_readers_of_yaml_take_for_different_things_needs_quotes(value: str) -> None:
    rule = f"{{project: A, service_account: B, attributes: {{a: {value}}}}}"
    text = f"identity_providers: {{i: {{issuer: x, audience: y, rules: {{r: {rule}}}}}}}"
    (mistake,) = mistakes_of(text)
    where = "line 1: identity_providers / i / rules / r / attributes: a must be in quotes if "
    assert mistake.startswith(f"{where}{value!r} is a text")
