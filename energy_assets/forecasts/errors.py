"""Questions about a series that have no answer: each class takes the facts, writes the sentence."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

import pandas as pd

_COMPARED: Final[int] = 2_000
"""How many series an unknown name is compared with at most."""


class QuestionError(ValueError):
    """What was asked of a series has no answer; nothing was written."""


class UnknownSeriesError(QuestionError, LookupError):
    """There is no such series.

    Attributes:
        near: Known ones with a similar name.
    """

    def __init__(self, kind: str, name: str, known: Collection[str], *, remedy: str) -> None:
        self.near = near_names(name, known)
        hint = f"No {kind} is known yet."
        if self.near:
            hint = f"Did you mean {' or '.join(shown(near) for near in self.near)}?"
        elif known:
            hint = f"{len(known)} other {kind}s are known; `series_keys()` of the flow lists them."
        super().__init__(f"{kind} {shown(name)} is not known. {hint} {remedy}")


class UnmeasuredSeriesError(QuestionError):
    """The series is known, and not one value of it."""

    def __init__(self) -> None:
        super().__init__(
            "there is no value of it yet, so no range of it can be shown. Upload a file with its "
            "values first."
        )


class RangeOrderError(QuestionError):
    """A range ends before it starts, or where it starts."""

    def __init__(self, start: pd.Timestamp, end: pd.Timestamp) -> None:
        what = "is empty: it ends where it starts" if start == end else "ends before it starts"
        remedy = (
            "The end is exclusive: for one day, end at the start of the next."
            if start == end
            else "Exchange the two."
        )
        super().__init__(f"the range from {start} to {end} {what}. {remedy}")


class RangeZoneError(QuestionError):
    """A range is given in wall time without saying of which zone."""

    def __init__(self, name: str, instant: object) -> None:
        super().__init__(
            f"the {name} of the range, {instant}, has no time zone. Give an offset, such as "
            f"2026-01-31T00:00:00+01:00, or Z for UTC."
        )


class RangeTooLongError(QuestionError):
    """A range is longer than one question may be."""

    def __init__(self, days: float, longest_days: int) -> None:
        super().__init__(
            f"the range is {days:,.0f} days long, where {longest_days:,} are the most. Ask for a "
            f"part of it."
        )


class RangeTooEarlyError(QuestionError):
    """A range starts before anything is known."""

    def __init__(self, start: pd.Timestamp, first_known_at: pd.Timestamp) -> None:
        super().__init__(
            f"the range starts at {start}, and the first value is of {first_known_at}. "
            f"Start there, or upload the earlier values."
        )


class RangeTooLateError(QuestionError):
    """A range reaches further ahead than forecasts do."""

    def __init__(self, end: pd.Timestamp, latest: pd.Timestamp, reach_days: int) -> None:
        days = "a day" if reach_days == 1 else f"{reach_days} days"
        super().__init__(
            f"the range ends at {end}, and forecasts reach {days} ahead. End at {latest} at the "
            f"latest."
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
