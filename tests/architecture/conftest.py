"""What stands in two institutions, for the tests that walk every address."""

from __future__ import annotations

import pytest

from tests.architecture.two_houses import Standing, build
from tests.cast import House


@pytest.fixture
def stands(house: House) -> Standing:
    """Both institutions with everything in them: see tests/architecture/two_houses.py."""
    return build(house)
