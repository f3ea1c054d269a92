"""Units of electricity, water and temperature as headers spell them, and their conversion."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from energy_assets.contracts.consumption import MeterType

US_GALLON_M3: Final = 0.003785411784
"""Volume of a US gallon. [m3]"""

CUBIC_FOOT_M3: Final = 0.028316846592
"""Volume of a cubic foot. [m3]"""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of a meter's values.

    Attributes:
        multiplier: Of values, to the unit that is stored.
        divisor: Likewise; a division by 1000 rounds better than a multiplication by 0.001.
        is_power: Whether values are the mean power of an interval, per hour.
    """

    multiplier: float = 1.0
    divisor: float = 1.0
    is_power: bool = False

    def converted(
        self, values: NDArray[np.float64], *, interval_minutes: int | None
    ) -> NDArray[np.float64]:
        """Values in the unit that is stored: kWh or m3.

        Args:
            values: In this unit.
            interval_minutes: Length of the interval, wanted for power only. [min]
        """
        hours = (interval_minutes or 60) / 60 if self.is_power else 1.0
        if self.multiplier == self.divisor == hours == 1.0:
            return values
        return values * (self.multiplier * hours) / self.divisor


_M3: Final = Unit()
_LITRE: Final = Unit(divisor=1_000)
_GALLON: Final = Unit(multiplier=US_GALLON_M3)
_CUBIC_FEET: Final = Unit(multiplier=CUBIC_FOOT_M3)

UNITS_BY_NAME: Final[dict[MeterType, dict[str, Unit]]] = {
    "electricity": {
        "kwh": Unit(),
        "wh": Unit(divisor=1_000),
        "mwh": Unit(multiplier=1_000),
        "gwh": Unit(multiplier=1_000_000),
        "kw": Unit(is_power=True),
        "w": Unit(divisor=1_000, is_power=True),
        "mw": Unit(multiplier=1_000, is_power=True),
        "gw": Unit(multiplier=1_000_000, is_power=True),
    },
    "water": {
        "m3": _M3, "cbm": _M3, "kl": _M3,
        "l": _LITRE, "litre": _LITRE, "litres": _LITRE, "liter": _LITRE, "liters": _LITRE,
        "gal": _GALLON, "gallon": _GALLON, "gallons": _GALLON,
        "cf": _CUBIC_FEET, "ft3": _CUBIC_FEET, "cuft": _CUBIC_FEET,
    },
}  # fmt: skip
"""Units of each meter type by normalised spelling; gallons are those of the United States."""

TEMPERATURE_UNITS: Final = frozenset({"c", "degc", "celsius", "f", "degf", "fahrenheit"})
"""Normalised spellings of units of temperature."""

UNIT_NAMES: Final = TEMPERATURE_UNITS.union(*UNITS_BY_NAME.values())
"""All units that a header may end in."""


def unit_name(text: str) -> str:
    """A unit without case, blanks and signs: `m³` is `m3`, `°C` is `c`, `kW h` is `kwh`."""
    return re.sub(r"[^a-z0-9]", "", text.lower().replace("³", "3"))


def celsius(values: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
    """Temperatures in °C from those in a unit of `TEMPERATURE_UNITS`."""
    return (values - 32.0) * 5.0 / 9.0 if "f" in unit else values
