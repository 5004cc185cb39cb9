"""The guides, as anybody may read them: the newest edition of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet

from equity.errors import NotFound
from practices.models import Guide, GuideItem, GuideText, ItemKind
from practices.models.catalogue import spoken_language

LIGHT_AND_HEAT = "light-and-heat"
CLINIC = "clinic"


@dataclass(frozen=True)
class Branch:
    """An item with everything below it: `by_kind["practice"]` are its practices in the guide's order."""

    item: GuideItem
    by_kind: dict[str, list[Branch]]


def current_guides() -> list[Guide]:
    """The newest edition of every guide, the guide for whole institutions first."""
    newest = Guide.objects.order_by("code", "-edition").distinct("code")
    return sorted(newest, key=lambda guide: (guide.code != LIGHT_AND_HEAT, guide.code))


def guide_for(code: str) -> Guide:
    """The newest edition of a guide."""
    guide = Guide.objects.filter(code=code).order_by("-edition").first()
    if guide is None:
        raise NotFound("")
    return guide


def texts_shown(relation: str = "texts") -> Prefetch[str]:
    """The words that `GuideItem.words` chooses from, fetched together along `relation`."""
    return Prefetch(relation, _shown_texts())


def _shown_texts() -> QuerySet[GuideText]:
    """Reviewed words, in the reader's language or in the guide's own."""
    readable = Q(language=spoken_language()) | Q(language=F("item__guide__language"))
    return GuideText.objects.filter(readable, reviewed=True)


def items_of(guide: Guide) -> QuerySet[GuideItem]:
    """Every item of an edition with its words."""
    return GuideItem.objects.filter(guide=guide).select_related("guide").prefetch_related(texts_shown())


def roots(guide: Guide, kind: str = "", *, with_kinds: Collection[str] = ()) -> list[Branch]:
    """The items that stand under no other (of one kind, if given), each with all below it. Two queries.

    `with_kinds`: items of these kinds only; without it, of every kind.
    """
    wanted = items_of(guide).filter(kind__in=with_kinds) if with_kinds else items_of(guide)
    return grown_from(wanted.order_by("position"), kind)


def grown_from(items: Iterable[GuideItem], kind: str = "") -> list[Branch]:
    """Items in their order as branches: those that stand under no other (of one kind, if given)."""
    children: dict[int | None, list[GuideItem]] = defaultdict(list)
    for item in items:
        children[item.parent_id].append(item)

    def grown(item: GuideItem) -> Branch:
        by_kind: dict[str, list[Branch]] = defaultdict(list)
        for child in children[item.pk]:
            by_kind[child.kind].append(grown(child))
        return Branch(item, dict(by_kind))

    return [grown(item) for item in children[None] if kind in ("", item.kind)]


def goal_in_guide(guide: Guide, code: str) -> tuple[Branch, Branch]:
    """A goal of an edition with its practices, and the step it belongs to: (step, goal)."""
    for step in roots(guide, ItemKind.STEP):
        goal = next((goal for goal in step.by_kind.get("goal", []) if goal.item.code == code), None)
        if goal:
            return step, goal
    raise NotFound("")


def item_for(guide: Guide, code: str, kind: str) -> GuideItem:
    """One item of an edition."""
    item = items_of(guide).filter(code=code, kind=kind).first()
    if item is None:
        raise NotFound("")
    return item


def criteria() -> list[GuideItem]:
    """The nine criteria of the newest edition, by component. `item.words` holds question and anchors."""
    return _of_newest(ItemKind.CRITERION)


def dashboard_items() -> list[GuideItem]:
    """What reviewers are asked about the four level dashboards, from the patient's level to society's."""
    return _of_newest(ItemKind.DASHBOARD)


def _of_newest(kind: ItemKind) -> list[GuideItem]:
    items = items_of(guide_for(LIGHT_AND_HEAT)).filter(kind=kind).select_related("guide", "parent__guide")
    return list(items.prefetch_related(texts_shown("parent__texts")).order_by("parent__position", "position"))


def search(words: str, kind: str = "") -> list[GuideItem]:
    """Items of the newest editions whose title, text or code contains every word.

    The item of that code comes first, then those with the words in the title. `kind` narrows to one kind.
    Without words nothing is found.
    """
    sought = words.split()
    if not sought:
        return []
    texts = _shown_texts().filter(item__guide__in=current_guides())
    if kind:
        texts = texts.filter(item__kind=kind)
    for word in sought:
        texts = texts.filter(
            Q(title__icontains=word) | Q(body__icontains=word) | Q(item__code__icontains=word)
        )
    found = texts.select_related("item__guide", "item__parent__parent").prefetch_related(
        texts_shown("item__texts")
    )
    items = {text.item_id: text.item for text in sorted(found, key=lambda text: _rank(text, sought))}
    return list(items.values())


def _rank(text: GuideText, sought: list[str]) -> tuple[int, bool, bool, str, str]:
    """The code itself first, then all words in the title, then the rest; within each the guide's order."""
    title = text.title.casefold()
    return (
        text.item.code.casefold() != " ".join(sought).casefold(),
        not all(word.casefold() in title for word in sought),
        text.item.guide.code != LIGHT_AND_HEAT,
        text.item.code,
        text.language,
    )
