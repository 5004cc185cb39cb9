"""Riverside has published two rows; what is only drafted, each test drafts."""

from __future__ import annotations

import pytest

from tests.public.conftest import World, world
from tests.public.published import observation

__all__ = ["World", "world"]


@pytest.fixture
def published(world: World) -> World:
    """One public row, and one by agreement only."""
    world.publish(
        observation(960, 8000),
        observation(4321, 9000, audience="agreement", race="black"),
    )
    return world
