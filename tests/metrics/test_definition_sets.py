"""A department's definitions are locked; only unedited ones make figures comparable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client

from equity.errors import RuleBroken
from equity.tenancy.acting import acting_as
from equity.tenancy.personas import Persona
from metrics.actions import choosing
from metrics.actions.versions import new_version, reword_metric
from metrics.definition_fields import definition_of
from metrics.definition_sets import load_set
from metrics.models import DefinitionSet, Metric, SetMetric
from metrics.standing import comparability, comparable
from tests.cast import House
from tests.metrics.choosing import SET, acting, address, again, set_metric
from tests.metrics.facts import Facts, entries, released


def adopted(house: House) -> Metric:
    locked = set_metric()
    with acting(house, "alice"):
        return choosing.adopt_from_set(organisation=house.riverside, entry=locked, by=house.person("alice"))


def test_edition_is_loaded_once_and_never_changes(house: House, tmp_path: Path) -> None:
    file = tmp_path / "set.toml"
    file.write_text(SET)
    for _ in range(2):
        call_command("publish_definition_set", file)
    file.write_text(SET.replace("All births", "Live births"))
    with pytest.raises(CommandError, match="next number"):
        call_command("publish_definition_set", file)
    file.write_text(SET.replace("All births", "Live births").replace("edition = 1", "edition = 2"))
    call_command("publish_definition_set", file)
    with acting_as(Persona.OPERATOR):
        assert sorted(DefinitionSet.objects.values_list("edition", flat=True)) == [1, 2]
        assert SetMetric.objects.get(definition_set__edition=1).denominator == "All births"


def test_everything_wrong_with_a_set_is_said(house: House) -> None:
    wrong = SET.replace('"OH"', '"Ohio"').replace('"2026-01-15"', '"soon"').replace('["race_', '["rice_')
    with acting_as(Persona.OPERATOR), pytest.raises(RuleBroken) as refused:
        load_set(wrong + 'colour = "red"\n')
    for key in ("set.jurisdiction", "set.published_on", "metric.seen-by-midwife.dimensions", "colour"):
        assert key in refused.value.message
    with acting_as(Persona.OPERATOR), pytest.raises(RuleBroken, match="no metric"):
        load_set(SET.split("[[metric]]")[0])


def test_no_member_changes_a_set(house: House) -> None:
    set_metric()
    with acting(house, "alice"):
        assert SetMetric.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(using="owner"):
            SetMetric.objects.update(denominator="Fewer")


def test_unedited_is_comparable_and_edited_is_not(house: House) -> None:
    metric = again(adopted(house))
    assert comparable(metric)
    assert comparability(metric)["set"] == {
        "code": "core",
        "edition": 1,
        "department": "Department of Health",
    }
    with acting(house, "alice"):
        reword_metric(metric=metric, values={**definition_of(metric), "name": "Midwife there"}, by=None)
    told = again(metric)
    assert (told.origin, comparable(told)) == ("adapted", False)


def test_new_version_of_a_set_metric_is_not_comparable(house: House) -> None:
    metric = adopted(house)
    values = {**definition_of(metric), "denominator": "Live births"}
    with acting(house, "alice"):
        new_version(metric=metric, values=values, first_day=date(2026, 1, 1), reason="x", by=None)
    assert not comparable(again(metric))


def test_edited_behind_the_back_of_the_actions_is_not_comparable_either(house: House) -> None:
    metric = adopted(house)
    with acting_as(Persona.OPERATOR):
        Metric.objects.filter(pk=metric.pk).update(denominator="Live births")
    assert not comparable(again(metric))


def test_published_document_says_whether_it_is_comparable(house: House) -> None:
    metric = adopted(house)
    facts = Facts(house.riverside, {"all": house.units["riverside/all"]})
    facts.metrics[metric.code] = metric
    facts.metric("own-words")
    for code in facts.metrics:
        facts.add(code, "all", "2024-Q1", {"": (400, 800)})
    facts.roll_up()
    documents = entries(released(facts, house.person("alice"), ["2024-Q1"])).values()
    told = {one["metric"]["code"]: (one["metric"]["comparable"], one["metric"]["set"]) for one in documents}
    assert told["own-words"] == (False, None)
    assert told["seen-by-midwife"][0] is True
    assert told["seen-by-midwife"][1]["code"] == "core"


def test_set_is_adopted_through_its_page(house: House, client: Client) -> None:
    locked = set_metric()
    client.force_login(house.accounts["carmen"])
    assert b"Core measures" in client.get(address("sets")).content
    assert client.post(address("adopt_from_set", number=locked.pk)).status_code == 403
    client.force_login(house.accounts["alice"])
    kept = client.post(address("adopt_from_set", number=locked.pk))["Location"]
    assert "it can be compared" in client.get(kept).content.decode()
    assert b"Adopted, unedited" in client.get(address("sets")).content
    assert client.post(address("adopt_from_set", number=locked.pk + 99)).status_code == 404
