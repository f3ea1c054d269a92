"""What determines the number of a Bi-LSTM's parameters, and their names."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Final

from energy_assets.calendar import CALENDAR
from energy_assets.contracts.columns import QUANTILES
from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.forecasting.bilstm.profiles import PROFILES

PAST_CHANNELS: Final[int] = len(LIVE_FEATURES) + 2
"""Per reading of the past: nine live features, the surprise over the blend, whether it is known."""

AHEAD_CHANNELS: Final[int] = len(PROFILES)
"""Per interval ahead: the profiles."""

TOKEN_CHANNELS: Final[int] = CALENDAR + 1
"""Per token of either kind: the calendar, and the level in spreads."""


@dataclass(frozen=True)
class Shape:
    """What determines the number of parameters.

    Attributes:
        steps_per_hour: Readings in a token.
        hidden: Units of each direction.
        head: Units between the directions and the quantiles.
    """

    steps_per_hour: int
    hidden: int
    head: int

    @cached_property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each parameter of one customer."""
        past = PAST_CHANNELS * self.steps_per_hour + TOKEN_CHANNELS
        ahead = AHEAD_CHANNELS * self.steps_per_hour + TOKEN_CHANNELS
        gates = 4 * self.hidden
        return {
            "past_in": (past, gates),
            "ahead_in": (ahead, gates),
            "forward_bias": (1, gates),
            "forward_weight": (self.hidden, gates),
            "return_in": (ahead, gates),
            "return_bias": (1, gates),
            "return_weight": (self.hidden, gates),
            "head_in": (2 * self.hidden + ahead, self.head),
            "head_bias": (1, self.head),
            "head_out": (self.head, self.steps_per_hour * len(QUANTILES)),
            "head_offset": (1, self.steps_per_hour * len(QUANTILES)),
        }

    @property
    def counts(self) -> list[int]:
        """Number of values of each parameter, in order."""
        return [prod(size) for size in self.sizes.values()]
