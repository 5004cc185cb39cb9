"""The variance of an estimate from a survey whose people were drawn in clusters, within strata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.inequality.layout import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Design:
    """Which cluster (primary sampling unit) each person is in, and which stratum each cluster is in.

    unit      (people,): clusters numbered from 0; the same label in two strata is two clusters
    stratum   (clusters,): strata numbered from 0
    """

    unit: IntArray
    stratum: IntArray

    def variance(self, influence: FloatArray) -> FloatArray:
        """Taylor linearisation: the variance of the sum of `influence`, over clusters within strata.

        `influence` has the shape (people,), the result (1,). Clusters count as drawn with replacement: sum over
        strata of n / (n - 1) times the squared deviations of cluster totals from their mean. A stratum with
        one cluster only has no such mean; its cluster is held against the mean of all clusters, without the
        factor ("adjust"). Binder DA (1983), Int Stat Rev 51:279-292; Lumley T (2004), J Stat Softw 9(8):1-19.
        """
        totals = np.bincount(self.unit, influence)
        clusters = np.bincount(self.stratum)
        means = np.bincount(self.stratum, totals) / clusters
        lonely = clusters[self.stratum] == 1
        deviation = totals - np.where(lonely, totals.mean(), means[self.stratum])
        factor = np.where(lonely, 1.0, clusters[self.stratum] / np.maximum(clusters[self.stratum] - 1, 1))
        return np.array([np.sum(factor * deviation**2)])


def design(people: int, unit: ArrayLike | None = None, stratum: ArrayLike | None = None) -> Design:
    """A design from labels of each person's cluster and stratum; without clusters each person is one.

    Raises ValueError for labels of another length than `people`, and for a single cluster.
    """
    strata = np.zeros(people, dtype=np.int64) if stratum is None else _numbered(stratum, people)
    clusters = np.arange(people) if unit is None else _numbered(unit, people)
    _, first, numbers = np.unique(strata * people + clusters, return_index=True, return_inverse=True)
    if len(first) < 2:
        raise ValueError("A survey needs two clusters or more.")
    return Design(numbers.reshape(-1), strata[first])


def _numbered(labels: ArrayLike, people: int) -> IntArray:
    array = np.asarray(labels)
    if array.shape != (people,):
        raise ValueError("Give one cluster and one stratum for each person.")
    return np.unique(array, return_inverse=True)[1].reshape(-1)
