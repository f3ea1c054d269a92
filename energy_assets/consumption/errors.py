"""Questions about meters that have no answer. Each class takes the facts and writes the sentence.

Faults of files are in `intake.errors`.
"""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final, get_args

import pandas as pd

from energy_assets.contracts.consumption import METER_TYPES, MeterType

_COMPARED: Final[int] = 2_000
"""How many meters an unknown name is compared with at most."""


class ConsumptionQuestionError(ValueError):
    """What was asked of a meter has no answer; nothing was written."""


class UnknownMeterTypeError(ConsumptionQuestionError):
    """There is no such kind of meter."""

    def __init__(self, meter_type: str) -> None:
        super().__init__(
            f"meter type {shown(meter_type)} is not known. Use one of: {', '.join(METER_TYPES)}."
        )


class UnknownMeterError(ConsumptionQuestionError, LookupError):
    """There is no such meter.

    Attributes:
        near: Known meters of that type with a similar name.
    """

    def __init__(self, meter_type: str, meter_id: str, known: Collection[str]) -> None:
        self.near = near_names(meter_id, known)
        hint = "No meter of this type is known yet."
        if self.near:
            hint = f"Did you mean {' or '.join(shown(name) for name in self.near)}?"
        elif known:
            hint = f"{len(known)} other {meter_type} meters are known."
        super().__init__(
            f"{meter_type} meter {shown(meter_id)} is not known. {hint} A meter is known once a "
            f"file under raw/consumption/{meter_type}/ was read."
        )


class UnmeasuredMeterError(ConsumptionQuestionError):
    """The meter is known, and not one value of it."""

    def __init__(self) -> None:
        super().__init__(
            "the meter has no value yet, so no range of it can be shown. Upload a file with its "
            "values first."
        )


class RangeOrderError(ConsumptionQuestionError):
    """A range ends before it starts, or where it starts."""

    def __init__(self, start: pd.Timestamp, end: pd.Timestamp) -> None:
        what = "is empty: it ends where it starts" if start == end else "ends before it starts"
        remedy = (
            "The end is exclusive: for one day, end at the start of the next."
            if start == end
            else "Exchange the two."
        )
        super().__init__(f"the range from {start} to {end} {what}. {remedy}")


class RangeZoneError(ConsumptionQuestionError):
    """A range is given in wall time without saying of which zone."""

    def __init__(self, name: str, instant: object) -> None:
        super().__init__(
            f"the {name} of the range, {instant}, has no time zone. Give an offset, such as "
            f"2026-01-31T00:00:00+01:00, or Z for UTC."
        )


class RangeTooLongError(ConsumptionQuestionError):
    """A range is longer than one question may be."""

    def __init__(self, days: float, longest_days: int) -> None:
        super().__init__(
            f"the range is {days:,.0f} days long, where {longest_days:,} are the most. Ask for a "
            f"part of it."
        )


class RangeTooEarlyError(ConsumptionQuestionError):
    """A range starts before anything is known."""

    def __init__(self, start: pd.Timestamp, first_known_at: pd.Timestamp) -> None:
        super().__init__(
            f"the range starts at {start}, and the meter's first value is of {first_known_at}. "
            f"Start there, or upload the earlier values."
        )


class RangeTooLateError(ConsumptionQuestionError):
    """A range reaches further ahead than forecasts do."""

    def __init__(self, end: pd.Timestamp, latest: pd.Timestamp, reach_days: int) -> None:
        super().__init__(
            f"the range ends at {end}, and forecasts reach {reach_days} days ahead. End at "
            f"{latest} at the latest."
        )


def shown(name: str) -> str:
    """A name from outside in quotes, without control characters, cut to 80 characters."""
    text = repr(str(name))
    return text if len(text) <= 82 else f"{text[:80]}…' ({len(str(name)):,} characters)"


def near_names(name: str, known: Collection[str]) -> list[str]:
    """At most three known names that are spelt like this one, nearest first."""
    plain = name.strip().casefold()
    alike = [n for n in sorted(known, reverse=True) if abs(len(n) - len(plain)) <= 3]
    folded = {n.casefold(): n for n in alike}
    begins_alike = sorted(folded, key=lambda n: [n[:size] != plain[:size] for size in (8, 4, 2, 1)])
    return [folded[n] for n in get_close_matches(plain, begins_alike[:_COMPARED], n=3, cutoff=0.7)]


def checked_meter_type(meter_type: str) -> MeterType:
    """The meter type, if there is one of that name.

    Raises:
        UnknownMeterTypeError: There is none.
    """
    for known in get_args(MeterType):
        if meter_type == known:
            return known
    raise UnknownMeterTypeError(meter_type)
