"""One writer at a time for collections that have no unique index: a lease in a document.

A lease belongs to its owner until it expires, so that a killed owner stops nobody for long. The
clocks of machines that write must agree to within a few seconds.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

if TYPE_CHECKING:
    from pymongo.collection import Collection

LEASE_SECONDS: Final = 30.0
"""How long a lease lasts after it was taken or renewed. [s]"""

FIRST_WAIT_S: Final = 0.02
"""Upper bound of the first wait for somebody else's lease; it doubles up to a second. [s]"""


class LeaseTimeoutError(TimeoutError):
    """Another writer held the lease for all the time that one was ready to wait."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            f"another writer held the lease of {name} for more than {seconds:.0f} s; "
            f"let it finish and run again"
        )


class Lease:
    """The right to write to one collection."""

    def __init__(
        self,
        leases: "Collection[dict[str, Any]]",
        name: str,
        *,
        wait_seconds: float,
        now: Callable[[], datetime] = lambda: datetime.now(tz=UTC),
    ) -> None:
        self._leases = leases
        self._name = name
        self._wait_seconds = wait_seconds
        self._now = now
        self._owner = uuid4().hex

    def hold(self) -> None:
        """Take the lease, or renew it; wait while somebody else has it.

        Raises:
            LeaseTimeoutError: It did not become free.
        """
        deadline = time.monotonic() + self._wait_seconds
        wait_s = FIRST_WAIT_S
        while not (self.renewed() or self._taken()):
            if time.monotonic() > deadline:
                raise LeaseTimeoutError(self._name, self._wait_seconds)
            time.sleep(random.uniform(0, wait_s))  # noqa: S311 - spreads writers, guards nothing
            wait_s = min(1.0, wait_s * 2)

    def renewed(self) -> bool:
        """Make the lease last, and say whether it was still ours."""
        answer = self._leases.update_one(
            {"_id": self._name, "owner": self._owner, "expires_at": {"$gte": self._now()}},
            {"$set": {"expires_at": self._expiry()}},
        )
        return answer.matched_count == 1

    def release(self) -> None:
        """Give the lease back, if it is still ours."""
        self._leases.delete_one({"_id": self._name, "owner": self._owner})

    def _taken(self) -> bool:
        lease = {"owner": self._owner, "expires_at": self._expiry()}
        expired = {"_id": self._name, "expires_at": {"$lt": self._now()}}
        if self._leases.update_one(expired, {"$set": lease}).matched_count == 1:
            return True
        try:
            self._leases.insert_one({"_id": self._name, **lease})
        except DuplicateKeyError:
            return False
        return True

    def _expiry(self) -> datetime:
        return self._now() + timedelta(seconds=LEASE_SECONDS)
