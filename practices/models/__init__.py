from practices.models.catalogue import Guide, GuideItem, GuideText, ItemKind, Level
from practices.models.programme import (
    EVIDENCE_VISIBILITIES,
    PROPOSERS,
    STATUS_NAMES,
    AdoptedGoal,
    AdoptedPractice,
    Evidence,
    Update,
)

__all__ = [
    "EVIDENCE_VISIBILITIES",
    "PROPOSERS",
    "STATUS_NAMES",
    "AdoptedGoal",
    "AdoptedPractice",
    "Evidence",
    "Guide",
    "GuideItem",
    "GuideText",
    "ItemKind",
    "Level",
    "Update",
]
