"""Units as headers and cells spell them, and the conversion to the units that are stored.

Stored are kWh, kW, kVA, kVAh, kvarh, kvar, A, V, 1, m3, m3/h and °C.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Quantity = Literal[
    "energy", "power", "apparent_energy", "apparent_power", "reactive_energy", "reactive_power",
    "current", "voltage", "ratio", "volume", "flow", "temperature",
]  # fmt: skip
"""What a unit measures."""

RATE_OF: Final[dict[Quantity, Quantity]] = {"power": "energy", "flow": "volume"}
"""What a mean rate over an interval amounts to."""

US_GALLON_M3: Final = 0.003785411784
"""Volume of a US gallon. [m3]"""

IMPERIAL_GALLON_M3: Final = 0.00454609
"""Volume of an imperial gallon. [m3]"""

CUBIC_FOOT_M3: Final = 0.028316846592
"""Volume of a cubic foot. [m3]"""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit: stored value = (value - zero) * multiplier / divisor.

    Attributes:
        quantity: What it measures.
        multiplier: Of values, to the unit that is stored.
        divisor: Likewise; a division by 1000 rounds better than a multiplication by 0.001.
        zero: Where the stored scale begins, in this unit.
    """

    quantity: Quantity
    multiplier: float = 1.0
    divisor: float = 1.0
    zero: float = 0.0

    def fits(self, quantity: Quantity) -> bool:
        """Whether values can be stored as a quantity, given the interval where it is needed."""
        return self.quantity == quantity or self.needs_interval(quantity)

    def needs_interval(self, quantity: Quantity) -> bool:
        """Whether a mean rate is to be stored as an amount, or an amount as a rate."""
        return RATE_OF.get(self.quantity) == quantity or RATE_OF.get(quantity) == self.quantity

    def converted(
        self, values: NDArray[np.float64], *, to: Quantity, interval_minutes: int | None = None
    ) -> NDArray[np.float64]:
        """Values in the unit that is stored.

        Args:
            values: In this unit.
            to: The quantity that is stored.
            interval_minutes: Length of the interval, wanted where `needs_interval`. [min]
        """
        multiplier, divisor = self.multiplier, self.divisor
        if self.quantity != to:
            hours = (interval_minutes or 60) / 60
            if RATE_OF.get(self.quantity) == to:
                multiplier *= hours
            else:
                divisor *= hours
        if multiplier == divisor == 1.0 and not self.zero:
            return values
        return (values - self.zero if self.zero else values) * multiplier / divisor


def _electric() -> Iterator[tuple[str, Unit]]:
    bases: dict[str, Quantity] = {
        "wh": "energy", "whr": "energy", "watthour": "energy", "watthours": "energy",
        "w": "power", "watt": "power", "watts": "power", "wh/h": "power",
        "vah": "apparent_energy", "va": "apparent_power",
        "varh": "reactive_energy", "var": "reactive_power",
    }  # fmt: skip
    prefixes = {
        "": (1.0, 1e3), "k": (1.0, 1.0), "m": (1e3, 1.0), "g": (1e6, 1.0),
        "kilo": (1.0, 1.0), "mega": (1e3, 1.0), "giga": (1e6, 1.0),
    }  # fmt: skip
    for base, quantity in bases.items():
        for prefix, (multiplier, divisor) in prefixes.items():
            yield prefix + base, Unit(quantity=quantity, multiplier=multiplier, divisor=divisor)
    yield "mj", Unit(quantity="energy", multiplier=1e3, divisor=3600)
    yield "gj", Unit(quantity="energy", multiplier=1e6, divisor=3600)


_VOLUMES: Final[dict[str, tuple[float, float]]] = {
    **dict.fromkeys(
        ("m3", "cbm", "cum", "cubicmetre", "cubicmetres", "cubicmeter", "cubicmeters", "kl",
         "kilolitre", "kilolitres", "kiloliter", "kiloliters"),
        (1.0, 1.0),
    ),
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters", "ltr", "dm3"), (1.0, 1e3)),
    "hl": (1.0, 10.0),
    **dict.fromkeys(
        ("gal", "gals", "gallon", "gallons", "usgal", "usgallon", "usgallons", "galus"),
        (US_GALLON_M3, 1.0),
    ),
    **dict.fromkeys(("kgal", "kgals"), (1e3 * US_GALLON_M3, 1.0)),
    **dict.fromkeys(
        ("impgal", "imperialgallon", "imperialgallons", "ukgal"), (IMPERIAL_GALLON_M3, 1.0)
    ),
    **dict.fromkeys(("cf", "ft3", "cuft", "cubicfeet", "cubicfoot"), (CUBIC_FOOT_M3, 1.0)),
    **dict.fromkeys(("ccf", "hcf"), (100 * CUBIC_FOOT_M3, 1.0)),
}  # fmt: skip


def _of_water() -> Iterator[tuple[str, Unit]]:
    for name, (multiplier, divisor) in _VOLUMES.items():
        yield name, Unit(quantity="volume", multiplier=multiplier, divisor=divisor)
        for per, times in {"/h": 1.0, "/min": 60.0, "/s": 3600.0}.items():
            yield name + per, Unit(quantity="flow", multiplier=multiplier * times, divisor=divisor)
    yield "gpm", Unit(quantity="flow", multiplier=60 * US_GALLON_M3)
    yield "lpm", Unit(quantity="flow", multiplier=60, divisor=1e3)


def _of_the_rest() -> Iterator[tuple[str, Unit]]:
    for name in ("a", "amp", "amps", "ampere", "amperes"):
        yield name, Unit(quantity="current")
    yield "ma", Unit(quantity="current", divisor=1e3)
    yield "ka", Unit(quantity="current", multiplier=1e3)
    for name in ("v", "volt", "volts"):
        yield name, Unit(quantity="voltage")
    yield "kv", Unit(quantity="voltage", multiplier=1e3)
    for name in ("1", "pu"):
        yield name, Unit(quantity="ratio")
    for name in ("%", "percent", "pct"):
        yield name, Unit(quantity="ratio", divisor=1e2)
    for name in ("c", "degc", "celsius", "degreesc", "degreescelsius"):
        yield name, Unit(quantity="temperature")
    for name in ("f", "degf", "fahrenheit", "degreesf", "degreesfahrenheit"):
        yield name, Unit(quantity="temperature", zero=32, multiplier=5, divisor=9)
    for name in ("k", "kelvin"):
        yield name, Unit(quantity="temperature", zero=273.15)


UNITS: Final[dict[str, Unit]] = dict([*_electric(), *_of_water(), *_of_the_rest()])
"""Units by normalised spelling; gallons without a country are those of the United States."""

_MILLI_OR_MEGA: Final = re.compile(r"m(W|Wh|V|VA|VAh|VAr|VArh)")


def unit_name(text: str) -> str:
    """A unit without case, blanks and signs: `m³` is `m3`, `°C` is `c`, `l per hour` is `l/h`."""
    plain = re.sub(r"\bper\b", "/", text.lower().replace("³", "3"))
    name = re.sub(r"[^a-z0-9/%]", "", plain)
    name = re.sub(r"/(hour|hr)$", "/h", name)
    return re.sub(r"/sec(ond)?$", "/s", re.sub(r"/minute$", "/min", name))


def unit_named(text: str) -> Unit | None:
    """The unit that a text names; None for none, and for `mWh`, which is milli or mega."""
    bare = re.sub(r"\s", "", text)
    if bare == "mV":
        return Unit(quantity="voltage", divisor=1e3)
    return None if _MILLI_OR_MEGA.fullmatch(bare) else UNITS.get(unit_name(bare))
