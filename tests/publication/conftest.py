"""Releases of two institutions: one published, one that is only drafted."""

from __future__ import annotations

import pytest

from tests.public.conftest import World, roomy_limits, world

__all__ = ["World", "roomy_limits", "world"]


@pytest.fixture
def published(world: World) -> World:
    """Riverside has published two rows, one of them by agreement only."""
    from tests.public.published import observation

    world.publish(
        observation(960, 8000),
        observation(4321, 9000, audience="agreement", race="black"),
    )
    return world
