"""One case of the corpus: which files arrive, under which settings, and what must be stored then.

Expected values are written down by the families; nothing here calls the code under test.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from resources.object_store import ObjectStore

Kind = Literal["load_profiles", "electricity", "water"]
"""The folder of a file, and so the flow that takes it in."""

Row = Mapping[str, float | str]
"""All that is known of one meter at one instant, by field; nothing else may be stored there."""

Rows = dict[tuple[str, datetime], Row | tuple[Row, ...]]
"""Rows by meter and instant; a tuple lists alternatives of which any one is right."""

FIRST_ARRIVAL = datetime(2026, 5, 20, 1, tzinfo=UTC)
"""When the first file of a case arrives, if the case does not say; each next one an hour later."""

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The present of all cases."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The file is taken in: exactly these rows, exactly these refused rows.

    Attributes:
        rows: What holds from now on, on top of what was there before.
        quarantined: Refused rows by number as a spreadsheet counts; a mapping also gives reasons.
        loose: Numbers of lines that may be refused or left out, such as totals.
        duplicates: Rows that say what is known.
        superseded: Rows that a file known later had corrected before.
        dropped: Auxiliary cells that are left out while their rows are kept; None leaves it open.
        intervals: Interval of each meter in the report [min]; None leaves it open.
    """

    rows: Rows
    quarantined: Collection[int] | Mapping[int, str] = ()
    loose: Collection[int] = ()
    duplicates: int = 0
    superseded: int = 0
    dropped: int | None = None
    intervals: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The file is refused as a whole, and the sentence holds one of each of these spellings."""

    names: tuple[str | tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Either:
    """The file means these rows or is doubtful: none may be stored otherwise.

    Attributes:
        rows: Rows that may be stored, with these values only, or be refused.
        certain: Rows that must be stored unless the file is refused as a whole.
        may_refuse: Whether the file may be refused as a whole.
        repeats: Whether rows share lines or stand there twice, so that counts say nothing.
    """

    rows: Rows
    certain: Rows = field(default_factory=dict)
    may_refuse: bool = True
    repeats: bool = False


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """Whatever becomes of the file and its rows, the store says what it said before."""


Expectation = Taken | Refused | Either | Unchanged


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One file that arrives.

    Attributes:
        name: Below the folder of its kind, such as `north/home 7.csv`.
        data: Its bytes, or how to make them of what lies in the object store.
        expect: What must become of it.
        arrives: When it becomes known; None for an hour after the one before.
    """

    name: str
    data: bytes | Callable[[ObjectStore], bytes]
    expect: Expectation
    arrives: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case: a sentence, settings and deliveries in order.

    Attributes:
        name: A sentence about the file; unique.
        kind: Folder and flow.
        deliveries: What arrives, in order.
        clock: The clock setting.
        label: Which end of an interval a time marks.
        unit: Unit of values whose header names none; None for kWh or m3.
    """

    name: str
    kind: Kind
    deliveries: tuple[Delivery, ...]
    clock: str = "utc"
    label: Literal["start", "end"] | None = None
    unit: str | None = None


def arrival(index: int, delivery: Delivery) -> datetime:
    """When a delivery becomes known."""
    return delivery.arrives or FIRST_ARRIVAL + timedelta(hours=index)
