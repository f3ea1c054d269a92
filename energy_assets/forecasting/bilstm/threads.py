"""How many processor threads a computation takes: one, so that processes can share the cores."""

from collections.abc import Generator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Generator[None, None, None]:
    """Compute on one thread inside, and on as many as before afterwards.

    Small products gain nothing from more threads, and a sum over threads may differ in its last
    bits from one machine to the next.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
