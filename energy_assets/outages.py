"""What an asset does when a store goes away: it asks to be retried, with a growing, random wait.

Only outages are retried; everything else is either a finding or our own mistake.
"""

import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import dagster as dg

from resources.errors import StoreUnavailableError

MAX_RETRIES: Final = 4
"""How often a step is retried when a store is away."""

FIRST_WAIT_SECONDS: Final = 5.0
"""The upper bound of the first wait; each further one is twice as long."""


@contextmanager
def retry_outages(context: dg.AssetExecutionContext) -> Generator[None]:
    """Turn an outage of a store into a retry of the step, exponential with full jitter.

    Raises:
        RetryRequested: A store was not reachable.
    """
    try:
        yield
    except StoreUnavailableError as outage:
        bound = FIRST_WAIT_SECONDS * 2**context.retry_number
        wait = random.uniform(0.5, bound)  # noqa: S311 - spreads retries, guards nothing
        context.log.warning(str(outage))
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=wait) from outage
