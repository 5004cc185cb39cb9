from metrics.models.batch import Batch
from metrics.models.before import Before
from metrics.models.certified import Certificate, CertifiedCell
from metrics.models.definition import Category, Dimension, Level, Metric, Series, Stratum, StratumPart
from metrics.models.fact import Blank, Grain, Observation, Rollup, Touched
from metrics.models.joining import ContributedCell, Contribution, Joining, Total
from metrics.models.mapping import SavedMapping

__all__ = [
    "Batch",
    "Before",
    "Blank",
    "Category",
    "Certificate",
    "CertifiedCell",
    "ContributedCell",
    "Contribution",
    "Dimension",
    "Grain",
    "Joining",
    "Level",
    "Metric",
    "Observation",
    "Rollup",
    "SavedMapping",
    "Series",
    "Stratum",
    "StratumPart",
    "Total",
    "Touched",
]
