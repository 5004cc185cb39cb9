from __future__ import annotations

import json

import pytest

from metrics.disclosure import (
    CellKey,
    Certificate,
    Dropped,
    Part,
    Reason,
    Row,
    Structure,
    Unproved,
    Witness,
    build_table,
    protect,
)

KEY = CellKey("Org", "2024", (("age", "0-17"), ("race", "Black")), "numerator")


def test_certificate_survives_json() -> None:
    unproved = Unproved(KEY, Reason.UNDECIDED)
    certificate = Certificate(
        threshold=12,
        hidden=frozenset({KEY, KEY._replace(outcome="denominator")}),
        witnesses=(Witness(((KEY._replace(place="~not listed (Org)"), -3), (KEY, 7))), Witness(())),
        unproved=(unproved,),
        dropped=(Dropped(Part.INTERSECTIONS, 90, (unproved,)),),
    )
    assert Certificate.from_dict(json.loads(json.dumps(certificate.to_dict()))) == certificate


def test_certificate_of_a_table_survives_json() -> None:
    certificate = protect(build_table([Row("Org", "2024", (), 4, 100)], Structure()))
    assert certificate.witnesses
    assert Certificate.from_dict(json.loads(json.dumps(certificate.to_dict()))) == certificate


def test_certificate_of_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        Certificate.from_dict({"format": 99})
