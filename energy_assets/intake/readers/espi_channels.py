"""What the series of a Green Button document hold, and which of them a flow can store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from energy_assets.intake.file_kind import ValueField
from energy_assets.intake.layouts import fits
from energy_assets.intake.readers.espi_feed import Series
from energy_assets.intake.units import unit_named

UNITS: Final[Mapping[str, str]] = {
    "38": "W", "72": "Wh", "42": "m3", "119": "ft3", "122": "ft3/h", "125": "m3/h",
    "128": "US gal", "129": "US gal/h", "130": "imperial gallon", "131": "imperial gallon/h",
    "134": "l", "137": "l/h",
}  # fmt: skip
"""Units of the standard (`uom`) that can be stored."""

DELIVERED, NET, RECEIVED = "1", "4", "19"
"""Directions of flow: to the customer, less what came from them, from the customer."""

_FLOWS: Final = (DELIVERED, "", "0", NET)
"""Directions that can be stored, the best first; what is received is no consumption."""

_DELTAS: Final = ("", "0", "4")
"""Accumulation behaviours of what an interval used; registers and peaks are others."""

_MEANS: Final = ("", "0", "2", "12")
"""Data qualifiers of amounts and means; maxima and minima are others."""


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One series with what its reading type says."""

    series: Series
    facts: Mapping[str, str]
    meter: str

    @property
    def unit(self) -> str:
        """Its unit as text; a code that no unit here has is named as such."""
        code = self.facts.get("uom", "")
        return UNITS.get(code, f"uom {code or 'missing'}")

    @property
    def flow(self) -> str:
        """Direction of flow, as a code."""
        return self.facts.get("flowDirection", "")

    @property
    def interval_s(self) -> int:
        """Length of its intervals in seconds, 0 where it is not stated."""
        text = self.facts.get("intervalLength", "")
        return int(text) if text.isdecimal() else 0

    @property
    def is_amount(self) -> bool:
        """Whether each value is what an interval used, or its mean rate."""
        behaviour = self.facts.get("accumulationBehaviour", "")
        is_rate = self.unit == "W" or self.unit.endswith("/h")
        return (behaviour in _DELTAS or (is_rate and behaviour in ("6", "12"))) and (
            self.facts.get("dataQualifier", "") in _MEANS
        )

    def fits(self, value: ValueField) -> bool:
        """Whether it can be stored."""
        unit = unit_named(self.unit)
        return unit is not None and fits(unit, value)

    def needs_interval(self, value: ValueField) -> bool:
        """Whether it holds rates where amounts are stored."""
        unit = unit_named(self.unit)
        return unit is not None and unit.needs_interval(value.quantity)

    def __str__(self) -> str:
        if not self.facts:
            return "readings without a reading type"
        what = [self.unit]
        if not self.is_amount:
            what.append("that are no amounts of intervals")
        if self.flow == RECEIVED:
            what.append("received from the customer")
        elif self.interval_s:
            what.append(f"of {self.interval_s / 60:g} min")
        return f"{' '.join(what)}, usage point {self.meter or '?'}"


def chosen_channels(channels: Sequence[Channel], value: ValueField) -> list[Channel]:
    """The channels to read: of each usage point those of the best flow, unit and interval.

    Where no unit fits, all that could be meant: their unit is what the file is refused for.
    """
    usable = [each for each in channels if each.facts and each.is_amount and each.flow in _FLOWS]
    usable = [each for each in usable if each.fits(value)] or usable
    best: dict[str, list[Channel]] = {}
    for each in usable:
        best.setdefault(each.series.usage_point, []).append(each)

    def rank(each: Channel) -> tuple[int, bool, int]:
        return (
            _FLOWS.index(each.flow), each.needs_interval(value), each.interval_s or 1 << 40,
        )  # fmt: skip

    return [
        each for group in best.values() for each in group if rank(each) == min(map(rank, group))
    ]
