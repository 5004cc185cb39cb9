"""Sums over institutions, from taking part to the public row; and who sees what on the way."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError
from django.test import Client
from django.urls import reverse

from equity.errors import RuleBroken
from equity.publication.models import Release
from equity.tenancy.acting import acting_as
from equity.tenancy.models import Job, Organisation
from equity.tenancy.personas import Persona
from metrics import joinings
from metrics.actions.choosing import adopt_from_set
from metrics.actions.joinings import end, give, take_part
from metrics.actions.releases import publish_figures
from metrics.actions.withdrawals import withdraw_figures
from metrics.definition_sets import load_set
from metrics.models import (
    Certificate,
    ContributedCell,
    Contribution,
    DefinitionSet,
    Joining,
    Metric,
    Rollup,
    SetMetric,
)
from metrics.reading.periods import parse_period
from tests.cast import House
from tests.metrics.choosing import SET
from tests.metrics.facts import by, entries, fresh, released, report, run
from tests.metrics.region import METRIC, YEAR, Region, add_up, build, settle, take_part_in


@pytest.fixture
def region(house: House) -> Region:
    return build(house)


@pytest.fixture
def joined(region: Region) -> Region:
    for slug in region.hospitals:
        take_part_in(region, slug)
    return region


def test_a_sum_of_all_counts_is_published_with_those_it_counts(joined: Region, client: Client) -> None:
    release = fresh(add_up(joined).release)
    assert release.state == Release.State.CERTIFIED
    with by(joined.dana, joined.department.organisation) as dana:
        job = publish_figures(release=release, by=dana)
    run(job)
    documents = {key.rsplit("|", 1)[1]: told for key, told in entries(release).items()}
    everybody = documents[""]
    assert (everybody["numerator"], everybody["denominator"]) == (71 + 54 + 88, 150 + 150 + 180)
    assert everybody["institutions"] == {
        "counted": ["north", "south", "west"],
        "names": ["North Place", "South Place", "West Place"],
        "joined": 3,
    }
    assert everybody["metric"]["code"] == METRIC
    pulled = client.get("/api/v1/observations", {"institution": "region"}).json()["data"]
    assert {tuple(row["institutions"]["counted"]) for row in pulled} == {("north", "south", "west")}
    shown = client.get(f"/p/region/measures/{METRIC}/").content.decode()
    assert "A sum of 3 of the 3 institutions that take part" in shown
    assert '<a href="/p/south/">South Place</a>' in shown
    # South hides how many of b were seen, and the others do not: the sum would give it back.
    assert documents["race=b"]["status"] == "hidden"
    assert documents["race=b"]["numerator"] is None


def test_two_institutions_are_not_added_up(region: Region) -> None:
    for slug in ("north", "west"):
        take_part_in(region, slug)
    release = fresh(add_up(region).release)
    assert release.state == Release.State.REFUSED
    assert report(release)["metrics"][0]["too_few"] == ["2024"]


def test_who_is_counted_once_over_units_is_not_given(region: Region) -> None:
    """A person may go to two hospitals, and would be in their sum twice."""
    facts, lead = region.hospitals["north"], region.leads["north"]
    facts.metric("everywhere", frequency=12, once_over_units=True)
    with by(lead, facts.organisation), pytest.raises(RuleBroken, match="can be added up"):
        take_part(
            organisation=facts.organisation,
            department=region.department.organisation,
            metrics=["everywhere"],
            by=lead,
        )


def test_another_meaning_is_not_added_up(joined: Region) -> None:
    """South has edited its definition: two are left, too few."""
    with acting_as(Persona.OPERATOR):
        metric = joined.hospitals["south"].metrics[METRIC]
        metric.numerator = "Those it reached within an hour"
        metric.save()
    run(_given_again(joined, "south"))
    assert fresh(add_up(joined).release).state == Release.State.REFUSED


def _given_again(region: Region, slug: str) -> Job:
    facts = region.hospitals[slug]
    with by(region.leads[slug], facts.organisation) as lead:
        return give(organisation=facts.organisation, by=lead)


def test_a_sum_that_is_out_is_not_made_again(joined: Region) -> None:
    release = fresh(add_up(joined).release)
    with by(joined.dana, joined.department.organisation) as dana:
        job = publish_figures(release=release, by=dana)
    run(job)
    assert fresh(add_up(joined).release).state == Release.State.REFUSED
    with by(joined.dana, joined.department.organisation):
        assert joinings.to_be_added_up(joined.department.organisation) == []


def test_no_person_reads_what_is_given(joined: Region) -> None:
    """Not those of the department, and not those of a hospital; workers of both do."""
    department = joined.department.organisation
    south = joined.hospitals["south"].organisation
    for person, where in ((joined.dana, department), (joined.leads["south"], south)):
        with pytest.raises(ProgrammingError, match="permission denied"), by(person, where):
            ContributedCell.objects.count()
    with acting_as(Persona.WORKER, organisation=south):
        assert ContributedCell.objects.count() == 3
    with acting_as(Persona.WORKER, organisation=department):
        assert ContributedCell.objects.count() == 9
    with acting_as(Persona.WORKER, organisation=joined.hospitals["north"].organisation):
        assert set(ContributedCell.objects.values_list("organisation__slug", flat=True)) == {"north"}


def test_the_department_holds_no_count_and_its_people_no_proof(joined: Region) -> None:
    release = fresh(add_up(joined).release)
    with by(joined.dana, joined.department.organisation):
        assert not Rollup.objects.exists()
        assert not Certificate.objects.filter(release=release.pk).exists()
    with acting_as(Persona.WORKER, organisation=joined.department.organisation):
        assert Certificate.objects.filter(release=release.pk).exists()


def test_people_of_the_department_see_who_has_given_what(joined: Region) -> None:
    with by(joined.dana, joined.department.organisation):
        (waiting,) = joinings.to_be_added_up(joined.department.organisation)
        assert Contribution.objects.count() == 3
    assert (waiting.given, waiting.missing) == (["North Place", "South Place", "West Place"], [])
    with by(joined.leads["north"], joined.hospitals["north"].organisation):
        assert set(Joining.objects.values_list("institution_slug", flat=True)) == {"north"}


def test_what_is_published_later_is_given_then(joined: Region) -> None:
    north = joined.hospitals["north"]
    north.add(METRIC, "all", "2025", {"": (70, 140), "race=a": (40, 80), "race=b": (30, 60)})
    north.roll_up()
    released(north, joined.leads["north"], ["2025"])
    with acting_as(Persona.OPERATOR):
        job = Job.objects.filter(kind=joinings.GIVE, organisation=north.organisation, state="queued").get()
    run(job)
    with by(joined.dana, joined.department.organisation):
        found = {
            one.period.code: one.missing for one in joinings.to_be_added_up(joined.department.organisation)
        }
    assert found == {"2025": ["South Place", "West Place"], "2024": []}


def test_who_has_left_is_not_counted(joined: Region) -> None:
    south = joined.hospitals["south"].organisation
    with by(joined.leads["south"], south) as lead:
        (joining,) = joinings.taking_part(south)
        end(joining=joining, by=lead)
    assert fresh(add_up(joined).release).state == Release.State.REFUSED


def test_only_a_department_adds_up(region: Region) -> None:
    north, south = (region.hospitals[slug].organisation for slug in ("north", "south"))
    with by(region.leads["north"], north) as lead, pytest.raises(RuleBroken):
        take_part(organisation=north, department=south, metrics=[METRIC], by=lead)
    with by(region.leads["north"], north) as lead, pytest.raises(RuleBroken):
        take_part(organisation=north, department=region.department.organisation, metrics=["unknown"], by=lead)


def test_what_the_department_itself_defines_is_taken_unless_named(region: Region) -> None:
    """A measure that was edited is not the department's any more."""
    with acting_as(Persona.OPERATOR):
        load_set(SET)
        department = Organisation.objects.get(slug="region")
        department.name = DefinitionSet.objects.get().department
        department.save()
    north = region.hospitals["north"].organisation
    with by(region.leads["north"], north) as lead:
        metric = adopt_from_set(organisation=north, entry=SetMetric.objects.get(), by=lead)
        joining = take_part(organisation=north, department=department, metrics=(), by=lead)
        assert joining.metrics == [metric.code]
        metric.numerator = "Something else"
        metric.save()
        with pytest.raises(RuleBroken, match="you count none"):
            take_part(organisation=north, department=department, metrics=(), by=lead)


def withdraw(region: Region, slug: str) -> None:
    """Take the year's figures back, and have the department told."""
    facts = region.department if slug == "region" else region.hospitals[slug]
    with by(region.leads[slug], facts.organisation) as lead:
        job = withdraw_figures(
            metric=Metric.objects.get(code=METRIC),
            periods=[parse_period(YEAR)],
            reason="wrong",
            words="The file was of another hospital.",
            by=lead,
        )
    run(job)
    with acting_as(Persona.OPERATOR):
        told = Job.objects.filter(kind=joinings.GIVE, organisation=facts.organisation, state="queued").first()
    if told is not None:
        run(told)


def test_what_is_withdrawn_is_not_added_up_and_stays_known(joined: Region) -> None:
    """Two are left, too few. The counts stay in the judgement: they were public."""
    withdraw(joined, "south")
    release = fresh(add_up(joined).release)
    assert release.state == Release.State.REFUSED
    assert report(release)["metrics"][0]["too_few"] == ["2024"]
    with acting_as(Persona.OPERATOR):
        cells = ContributedCell.objects.filter(organisation__slug="south")
        assert set(cells.values_list("contribution__withdrawn", "stratum", "shows_numerator")) == {
            (True, "", True),
            (True, "race=a", False),
            (True, "race=b", False),
        }
    with by(joined.dana, joined.department.organisation):
        (waiting,) = joinings.to_be_added_up(joined.department.organisation)
    assert waiting.missing == ["South Place"]


def test_a_sum_tells_its_department_that_one_of_it_was_withdrawn(
    joined: Region, client: Client, house: House
) -> None:
    """It is not made again, whether it is withdrawn too or not."""
    release = fresh(add_up(joined).release)
    with by(joined.dana, joined.department.organisation) as dana:
        job = publish_figures(release=release, by=dana)
    run(job)
    withdraw(joined, "south")
    client.force_login(house.accounts["lead-region"])
    address = reverse("metrics:sums", kwargs={"institution": "region"})
    assert "What rests on withdrawn figures?" in client.get(address).content.decode()
    withdraw(joined, "region")
    assert "What rests on withdrawn figures?" not in client.get(address).content.decode()
    assert client.get(f"/p/region/measures/{METRIC}/").status_code == 410
    assert fresh(add_up(joined).release).state == Release.State.REFUSED


def test_a_measure_is_given_to_one_department_only(joined: Region, house: House) -> None:
    """The difference of two departments' sums is what one institution hides. That holds for what was given before, too."""
    other = settle(house, "state", "health_department").organisation
    north = joined.hospitals["north"]
    north.metric("other-people", denominator="Others", numerator="Others it reached")
    north.metric("same-people", numerator="Others it called")
    with by(joined.leads["north"], north.organisation) as lead:
        (joining,) = joinings.taking_part(north.organisation)
        end(joining=joining, by=lead)
        for code in (METRIC, "same-people"):
            with pytest.raises(RuleBroken, match="to another department"):
                take_part(organisation=north.organisation, department=other, metrics=[code], by=lead)
        take_part(organisation=north.organisation, department=other, metrics=["other-people"], by=lead)


def test_taking_part_and_leaving_through_the_pages(region: Region, client: Client, house: House) -> None:
    client.force_login(house.accounts["lead-north"])
    address = reverse("metrics:taking_part", kwargs={"institution": "north"})
    assert b"Region Place" in client.get(address).content
    refused = client.post(address, {"department": "region"})
    assert refused.status_code == 422
    assert b"you count none as Region Place defines it" in refused.content
    assert client.post(address, {"department": "region", "metrics": [METRIC]}).status_code == 302
    shown = client.get(address).content.decode()
    assert "Leave the sums of Region Place" in shown
    with acting_as(Persona.OPERATOR):
        joining = Joining.objects.get(institution_slug="north", ended_at=None)
    leave = reverse("metrics:leave_sums", kwargs={"institution": "north", "pk": joining.pk})
    assert client.get(leave).status_code == 405
    client.post(leave)
    assert "Leave the sums" not in client.get(address).content.decode()
    assert client.post(leave).status_code == 404


def test_adding_up_through_the_pages(joined: Region, client: Client, house: House) -> None:
    client.force_login(house.accounts["lead-region"])
    address = reverse("metrics:sums", kwargs={"institution": "region"})
    shown = client.get(address).content.decode()
    assert "North Place, South Place, West Place" in shown
    sent = {"title": "All hospitals", "metrics": [METRIC], "periods": [YEAR]}
    release_page = client.post(address, sent)["Location"]
    with acting_as(Persona.OPERATOR):
        job = Job.objects.get(kind=joinings.CERTIFY_TOTALS)
    run(job)
    assert (
        "3 of 3 institutions, North Place, South Place, West Place"
        in client.get(release_page).content.decode()
    )


def test_an_institution_that_is_no_department_has_no_sums_to_make(
    region: Region, client: Client, house: House
) -> None:
    client.force_login(house.accounts["lead-north"])
    address = reverse("metrics:sums", kwargs={"institution": "north"})
    assert b"Only a health department" in client.get(address).content
    client.post(address, {"title": "Sums", "metrics": [METRIC], "periods": [YEAR]})
    with acting_as(Persona.OPERATOR):
        assert not Job.objects.filter(kind=joinings.CERTIFY_TOTALS).exists()
