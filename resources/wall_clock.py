"""The one place that asks what time it is; tests hand in a clock of their own."""

from collections.abc import Callable
from datetime import UTC, datetime

WallClock = Callable[[], datetime]
"""Returns the present instant, in UTC."""


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(tz=UTC)
