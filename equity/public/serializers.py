"""What may be asked, and the shapes of what is answered, as OpenAPI says them. A test holds the answers to the shapes."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from equity.publication.models import WhyWithdrawn

STATUSES = ("published", "hidden", "not_collected", "not_asked", "not_yet_due", "withheld")
LARGEST_SEQ = 2**63 - 1


class Question(serializers.Serializer[Any]):
    """Parameters that every address understands."""

    format = serializers.ChoiceField(
        choices=["json"],
        required=False,
        help_text=_("The format of the answer; the header “Accept” works too."),
    )


class JurisdictionQuestion(Question):
    jurisdiction = serializers.CharField(
        required=False,
        validators=[
            RegexValidator(r"^([A-Za-z]{2}|[0-9]{5})$", _("Two letters of a state, or five FIPS digits."))
        ],
        help_text=_("A state by its two letters (`OH`), or a county by its five FIPS digits (`39049`)."),
    )


class FeedQuestion(JurisdictionQuestion):
    institution = serializers.CharField(
        required=False,
        max_length=50,
        help_text=_("An institution by its slug, or by its CMS certification number (CCN)."),
    )
    after_seq = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_SEQ,
        help_text=_(
            "Only releases after this number. Keep `as_of_seq` of a finished walk and send it here next time: "
            "you get what came since, tombstones included."
        ),
    )
    limit = serializers.IntegerField(
        required=False, default=200, min_value=1, max_value=1000, help_text=_("Rows on a page, 1 to 1000.")
    )
    cursor = serializers.CharField(
        required=False,
        max_length=400,
        help_text=_("Where the walk stands. Comes with `next`; opaque, signed."),
    )


class FindingQuestion(FeedQuestion):
    """What may be asked of the findings."""


class InequalityQuestion(Question):
    """What may be asked of the measures of inequality."""

    institution = serializers.CharField(max_length=50, help_text=_("An institution by its slug."))
    metric = serializers.CharField(max_length=60, help_text=_("A measure by its code."))
    by = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_("The dimension whose groups are compared; several crossed with each other: `age*sex`."),
    )
    period = serializers.CharField(
        required=False,
        max_length=30,
        help_text=_(
            "First and last day: `2025-01-01..2025-12-31`. Without it the latest, of several the longest."
        ),
    )
    unit = serializers.CharField(
        required=False, max_length=60, help_text=_("A unit by its code. Without it the whole institution.")
    )
    order = serializers.ChoiceField(
        choices=["none", "rising", "falling"],
        default="none",
        help_text=_(
            "Whether the groups, as they are published, have an order: none, or up from the most disadvantaged "
            "(`rising`), or down from the most advantaged (`falling`)."
        ),
    )
    reference = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_(
            "The group to compare with, by its code (`black` or `race=black`). Only without an order."
        ),
    )


class ObservationQuestion(FeedQuestion):
    """What may be asked of the figures."""

    format = serializers.ChoiceField(
        choices=["json", "csv"],
        required=False,
        help_text=_("The format of the answer; the header “Accept” works too."),
    )
    metric = serializers.CharField(required=False, max_length=60, help_text=_("A measure by its code."))
    period_start = serializers.DateField(
        required=False,
        help_text=_("Only periods that begin on this day or later. The whole period counts, not a part."),
    )
    period_end = serializers.DateField(
        required=False, help_text=_("Only periods that end on this day or earlier.")
    )
    status = serializers.ChoiceField(
        choices=STATUSES,
        required=False,
        help_text=_(
            "Only rows with this status. Tombstones always come. For one-off downloads: with `after_seq` you would "
            "not hear of a row whose status changed to another."
        ),
    )


class Institution(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    ccn = serializers.CharField(allow_null=True, help_text="CMS certification number")
    state = serializers.CharField(allow_null=True)
    county_fips = serializers.CharField(allow_null=True)
    sample = serializers.BooleanField(
        help_text="True: the institution is an example, and its figures are not its own."
    )


class PublishingInstitution(Institution):
    sample_note = serializers.CharField(
        help_text="What is real and what is not; empty for a real institution."
    )
    last_seq = serializers.IntegerField(help_text="The number of its latest release")
    last_published_at = serializers.DateTimeField()
    page = serializers.URLField(help_text="Its public page")


class MetricSet(serializers.Serializer[Any]):
    code = serializers.CharField()
    edition = serializers.IntegerField()
    department = serializers.CharField()


class Component(serializers.Serializer[Any]):
    measure = serializers.CharField(
        help_text="Code of the measure; its own rows are published beside the index"
    )
    name = serializers.CharField()
    weight = serializers.FloatField(help_text="Shares are of the sum of all weights")
    worst = serializers.FloatField(help_text="Counts as 0, and so does what is worse")
    best = serializers.FloatField(help_text="Counts as 1, and so does what is better")


class Composition(serializers.Serializer[Any]):
    aggregation = serializers.ChoiceField(choices=["geometric", "arithmetic"])
    components = Component(many=True)


class Metric(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    level = serializers.ChoiceField(
        choices=["patient", "organization", "community", "societal"], allow_null=True
    )
    kind = serializers.ChoiceField(choices=["proportion", "rate", "mean", "count", "index"], allow_null=True)
    better = serializers.ChoiceField(choices=["higher", "lower", "neither"], allow_null=True)
    per = serializers.IntegerField(allow_null=True, help_text="A rate of 11 per 100 reads “11 in 100”.")
    numerator = serializers.CharField(allow_null=True, help_text="What is counted, in words")
    denominator = serializers.CharField(allow_null=True, help_text="Out of what, in words")
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # fields leave the class
    counted_once = serializers.ListField(
        child=serializers.ChoiceField(choices=["periods", "units"]),
        allow_null=True,
        help_text="Who comes again in another period, or another unit, is counted once in the whole: then never add those up. "
        "Null: published before this was told, and no such row was.",
    )
    composition = Composition(
        allow_null=True,
        help_text="Of an index: what it is worked out from. Null in every other row.",
    )
    version = serializers.IntegerField(
        allow_null=True,
        help_text="Of its definition, when the period began. Rows of two versions are not one line.",
    )
    comparable = serializers.BooleanField(
        allow_null=True,
        help_text="True: a health department's definition, unedited. Compare institutions by such rows of one `set` only. "
        "Null: published before this was told.",
    )
    set = MetricSet(allow_null=True, help_text="The department's set; null where the row is not comparable")


class Unit(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    root = serializers.BooleanField(  # type: ignore[assignment]  # fields leave the class
        allow_null=True,
        help_text="True: the whole institution. False: a part of it; parts add up to the whole, so never add both. "
        "Null: published before this was told.",
    )


class Period(serializers.Serializer[Any]):
    start = serializers.DateField(allow_null=True, help_text="First day; in a tombstone it may be null")
    end = serializers.DateField(allow_null=True, help_text="Last day; in a tombstone it may be null")
    grain = serializers.CharField(allow_null=True)
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # fields leave the class


class Entry(serializers.Serializer[Any]):
    """What every row of the ledger carries."""

    id = serializers.RegexField(r"^[0-9]+\.[0-9]+$", help_text="`seq.n`, unique in the ledger")
    seq = serializers.IntegerField(help_text="The release's number; follows the order of publication")
    n = serializers.IntegerField(help_text="The row's number in its release")
    op = serializers.ChoiceField(
        choices=["upsert", "delete"],
        help_text="`upsert` takes the place of an earlier row of the same key; `delete` removes it.",
    )
    reason = serializers.ChoiceField(
        choices=WhyWithdrawn.choices,
        allow_null=True,
        help_text="Why a tombstone withdraws its key, if that was said; null in every other row",
    )
    key = serializers.CharField(help_text="What the row is about. Keep the latest row of each key.")
    release = serializers.UUIDField()
    institution = Institution()
    published_at = serializers.DateTimeField()


class Institutions(serializers.Serializer[Any]):
    """Whose counts a sum over institutions adds up."""

    counted = serializers.ListField(child=serializers.CharField(), help_text="Their short names")
    names = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Their names then, in the same order"
    )
    joined = serializers.IntegerField(help_text="How many took part in the department's sums then")


class Target(serializers.Serializer[Any]):
    """What the institution promised for this group when it published the row."""

    value = serializers.FloatField(help_text="In the unit of `rate`")
    by = serializers.DateField()


class Observation(Entry):
    """One figure: a measure for a unit, a period and a group. No `dims`: everybody."""

    metric = Metric()
    unit = Unit(allow_null=True, help_text="Null in a tombstone")
    period = Period()
    dims = serializers.DictField(child=serializers.CharField(), help_text="Dimension → category, as codes")
    labels = serializers.DictField(child=serializers.CharField(), help_text="Dimension → category, in words")
    status = serializers.ChoiceField(
        choices=[*STATUSES, "withdrawn"],
        help_text=(
            "`hidden`: a number that could point to a person, or would give such a number away. A count of zero is "
            "`published`. Only `published` rows have numbers in `numerator`, `rate` and `ci`."
        ),
    )
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(
        allow_null=True,
        help_text="Per `metric.per`, from the two counts; of an index its value, from 0 to `metric.per`, and it has no counts",
    )
    ci = serializers.ListField(
        child=serializers.FloatField(),
        min_length=2,
        max_length=2,
        allow_null=True,
        help_text="The likely range (95%): from, to",
    )
    reliable = serializers.BooleanField(
        allow_null=True,
        help_text="False: too few people to lean on, after the rules of the NCHS. It never hides.",
    )
    target = Target(allow_null=True, help_text="Null where there is none, and beside every hidden number")
    institutions = Institutions(
        allow_null=True, help_text="Of a sum that a health department publishes; null in every other row"
    )


class Round(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField(help_text="The governance body that scored")
    opened_on = serializers.DateField(allow_null=True)
    revealed_on = serializers.DateField(allow_null=True)


class Item(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["criterion", "dashboard"])
    code = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField()
    anchors = serializers.ListField(
        child=serializers.CharField(), help_text="What each level means, from 0 to 3"
    )


class Group(serializers.Serializer[Any]):
    """A stakeholder group. Groups are never added together; one with too few replies has a name and nothing else."""

    group = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # fields leave the class
    shown = serializers.BooleanField()
    replies = serializers.IntegerField(allow_null=True)
    levels = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="People who chose level 0, 1, 2 and 3"
    )
    not_enough = serializers.IntegerField(
        allow_null=True, help_text="People who said that they have not enough to say"
    )
    recused = serializers.IntegerField(allow_null=True)
    median = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="The middle score, or both middle ones"
    )
    split = serializers.BooleanField(allow_null=True)


class Reason(serializers.Serializer[Any]):
    group = serializers.CharField(allow_null=True)
    level = serializers.JSONField(help_text="0 to 3, `not_enough`, or null where it is not told")
    text = serializers.CharField()
    language = serializers.CharField()


class Reply(serializers.Serializer[Any]):
    text = serializers.CharField()
    on = serializers.DateField()


class Finding(Entry):
    """One criterion or dashboard of a review round. In a tombstone everything but the head is empty."""

    round = Round(allow_null=True)
    item = Item(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    threshold = serializers.IntegerField(
        allow_null=True, help_text="Fewer replies than this: the group is not shown"
    )
    groups = Group(many=True)
    reasons = Reason(many=True)
    reply = Reply(allow_null=True, help_text="What the institution replied; null: it has not")


def _page_of(name: str, row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One page of rows."""
    return inline_serializer(
        name,
        {
            "data": row(many=True),
            "next": serializers.URLField(
                allow_null=True, help_text="The next page; null at the end of the walk"
            ),
            "as_of_seq": serializers.IntegerField(help_text="The walk shows the ledger up to this number."),
        },
    )


ObservationPage = _page_of("ObservationPage", Observation)
FindingPage = _page_of("FindingPage", Finding)
InstitutionPage = _page_of("InstitutionPage", PublishingInstitution)
