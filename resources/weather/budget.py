"""How often a weather provider may be asked: a rate budget that is kept before each call.

It counts in this process only; what other processes ask, the provider counts itself and says so
with status 429.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from resources.errors import WeatherBudgetError

_MINUTE_S: Final = 60.0
_DAY_S: Final = 86_400.0


class RateBudget:
    """At most so many calls in any 60 seconds, and so many units in any 24 hours.

    Args:
        provider: Whose budget, for the error.
        calls_per_minute: Calls in any 60 seconds.
        units_per_day: Units in any 24 hours; a call costs one unit or more.
        seconds: A clock that never goes back. [s]
    """

    def __init__(
        self,
        *,
        provider: str,
        calls_per_minute: int,
        units_per_day: int,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._calls_per_minute = calls_per_minute
        self._units_per_day = units_per_day
        self._seconds = seconds
        self._spent: deque[tuple[float, int]] = deque()
        self._units = 0
        self._paused_until = float("-inf")
        self._lock = threading.Lock()

    def spend(self, units: int = 1) -> None:
        """Count a call that is about to be made.

        Raises:
            WeatherBudgetError: It would be one too many; nothing was counted.
        """
        with self._lock:
            now = self._seconds()
            self._forget(before=now - _DAY_S)
            if now < self._paused_until:
                wait = self._paused_until - now
                raise WeatherBudgetError(
                    self._provider, f"it asked to be left alone for another {wait:.0f} s"
                )
            if self._units + units > self._units_per_day:
                raise WeatherBudgetError(
                    self._provider,
                    f"{self._units} of {self._units_per_day} units of 24 hours are used and this "
                    f"call costs {units}",
                )
            recent = sum(1 for at, _ in self._spent if at > now - _MINUTE_S)
            if recent >= self._calls_per_minute:
                raise WeatherBudgetError(self._provider, f"{recent} calls within 60 s")
            self._spent.append((now, units))
            self._units += units

    def pause(self, wait_s: float) -> None:
        """Refuse calls for a while, because the provider asked for it.

        Args:
            wait_s: For how long from now. [s]
        """
        with self._lock:
            self._paused_until = max(self._paused_until, self._seconds() + wait_s)

    def _forget(self, *, before: float) -> None:
        while self._spent and self._spent[0][0] <= before:
            self._units -= self._spent.popleft()[1]
