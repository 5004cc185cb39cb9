from metrics.models.batch import Batch
from metrics.models.certified import Certificate, CertifiedCell
from metrics.models.definition import Category, Dimension, Level, Metric, Series, Stratum, StratumPart
from metrics.models.fact import Blank, Grain, Observation, Rollup
from metrics.models.mapping import SavedMapping

__all__ = [
    "Batch",
    "Blank",
    "Category",
    "Certificate",
    "CertifiedCell",
    "Dimension",
    "Grain",
    "Level",
    "Metric",
    "Observation",
    "Rollup",
    "SavedMapping",
    "Series",
    "Stratum",
    "StratumPart",
]
