from metrics.models.batch import Batch
from metrics.models.before import Before
from metrics.models.certified import Certificate, CertifiedCell, Checked, CheckReport
from metrics.models.choosing import MetricProposal, MetricVersion, PublicationConsent, Target
from metrics.models.definition import (
    Category,
    Dimension,
    Level,
    Metric,
    Series,
    Side,
    Stratum,
    StratumPart,
)
from metrics.models.definition_set import DefinitionSet, SetMetric
from metrics.models.fact import Blank, Grain, Observation, Rollup, Touched
from metrics.models.groups import DimensionVersion, GroupChange, Grouping, MissingGoal
from metrics.models.joining import ContributedCell, Contribution, Joining, Total
from metrics.models.mapping import SavedMapping

__all__ = [
    "Batch",
    "Before",
    "Blank",
    "Category",
    "Certificate",
    "CertifiedCell",
    "CheckReport",
    "Checked",
    "ContributedCell",
    "Contribution",
    "DefinitionSet",
    "Dimension",
    "DimensionVersion",
    "Grain",
    "GroupChange",
    "Grouping",
    "Joining",
    "Level",
    "Metric",
    "MetricProposal",
    "MetricVersion",
    "MissingGoal",
    "Observation",
    "PublicationConsent",
    "Rollup",
    "SavedMapping",
    "Series",
    "SetMetric",
    "Side",
    "Stratum",
    "StratumPart",
    "Target",
    "Total",
    "Touched",
]
