"""The cluster is no legal entity and owns nothing: no event can name it as a party (I1)."""

import re
from typing import get_args

import pytest

from contracts import gate
from contracts.event import Event
from contracts.membership import MemberKind

EVENTS = [pytest.param(event, id=event.subject) for event in gate.events()]
PARTIES = re.compile(r"^(member|owner|booker|debtor|creditor)_id$|^party_ids$")
UUID_SCHEMA = {"type": "string", "format": "uuid"}


def test_every_kind_of_member_is_an_organisation_and_none_is_the_cluster() -> None:
    """R1.1 names who takes part; R1.2: the cluster itself is no legal entity."""
    assert set(get_args(MemberKind)) == {"college", "university", "employer", "authority"}


@pytest.mark.parametrize("event", EVENTS)
def test_no_field_and_no_value_of_an_event_speaks_of_the_cluster(event: type[Event]) -> None:
    """R1.3: it has no property, no balance and no account that a fact could be about."""
    schema = gate.schema_of(event)
    values = [value for field in schema["properties"].values() for value in field.get("enum", ())]
    # R8.1: what the council may decide about is no party to anything
    named = {*schema["properties"], *values} - {"end_cluster"}
    assert not [name for name in named if re.search("cluster|purse|fund|treasury", name)]


@pytest.mark.parametrize("event", EVENTS)
def test_whoever_is_a_party_to_a_fact_is_one_member_by_id(event: type[Event]) -> None:
    fields = gate.schema_of(event)["properties"]
    for name in filter(PARTIES.match, fields):
        field = fields[name].get("items", fields[name])
        kinds = [
            {key: kind[key] for key in UUID_SCHEMA}
            for kind in field.get("anyOf", [field])
            if kind != {"type": "null"}
        ]
        assert kinds == [UUID_SCHEMA], name
