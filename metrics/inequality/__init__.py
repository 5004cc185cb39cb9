"""Summary measures of health inequality: one number for how unevenly an indicator falls on several subgroups.

Arrays in, arrays out, thousands of groups at once; NumPy and SciPy only, no Django. Begin with
`subgroups.subgroups` (what is measured) and `measures.measure` (all measures, by name). The choices taken
where the literature or WHO's software leave one are in `conventions` and in the decision record on inequality measures.
"""

from metrics.inequality.catalogue import MEASURES, applicable
from metrics.inequality.conventions import DECIDED, HEALTHEQUAL, Conventions
from metrics.inequality.measured import Measured
from metrics.inequality.measures import measure
from metrics.inequality.reasons import Reason
from metrics.inequality.simulation import Draws
from metrics.inequality.subgroups import Subgroups, subgroups

__all__ = [
    "DECIDED",
    "HEALTHEQUAL",
    "MEASURES",
    "Conventions",
    "Draws",
    "Measured",
    "Reason",
    "Subgroups",
    "applicable",
    "measure",
    "subgroups",
]
