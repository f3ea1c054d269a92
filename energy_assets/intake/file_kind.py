"""What files of a flow look like: its columns, how they are spelled, their units and bounds.

A flow declares one `FileKind`; nothing else is needed for a new spelling or column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from energy_assets.intake.cells.identifiers import identifier
from energy_assets.intake.units import Quantity

Identify = Callable[[str | None], tuple[str, str]]
"""The identifier that a cell means, and a fault such as ``missing``, or an empty text."""

IntervalLabel = Literal["end", "start"]
"""Which end of its interval a time marks."""


@dataclass(frozen=True, kw_only=True)
class ValueField:
    """A column of numbers.

    Attributes:
        name: Of the field.
        quantity: What is stored.
        spellings: Normalised headers that mean it.
        stems: Normalised headers that mean it where they state a unit that fits.
        unit: Unit of a column that states none; the one that is stored without it.
        minimum: Smallest value, in the stored unit.
        maximum: Largest value.
        essential: Whether a faulty cell refuses its row; otherwise the cell is left out.
        is_register: Whether it is a cumulative reading at an instant.
        overshoot: Values this far beyond the bounds are rounding, and become the bound.
        misnamed: Units that exports write by mistake, normalised; the stored one is meant.
    """

    name: str
    quantity: Quantity
    spellings: frozenset[str]
    stems: frozenset[str] = frozenset()
    unit: str = ""
    minimum: float = float("-inf")
    maximum: float = float("inf")
    essential: bool = False
    is_register: bool = False
    overshoot: float = 0.0
    misnamed: frozenset[str] = frozenset()


CompleteCut = Callable[[Sequence[str], set[str]], Sequence[tuple[str, int]]]
"""Fields of headers that a spreadsheet cut short, with their column numbers, from the normalised
headers and the fields that were found."""


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """What files of a flow look like.

    Attributes:
        meter: Normalised headers of the column that names the meter.
        meter_title: Header of that column in files that we write.
        meter_noun: What a meter is called in reasons such as `missing_serial`.
        texts: Normalised headers of further columns of text, by field.
        identifiers: Of these, the ones that are identifiers, with their noun.
        values: Columns of numbers, in the order of the table.
        wanted: At least one of these values must be there; in words, what is missing otherwise.
        instead: Values that are left out where another one is there.
        otherwise: Values that stand in for another one that is not there.
        bare_unit: The value that a lone column with a unit means, whatever it is called: `PJME_MW`.
        qualifiers: Words in front of a value's name that change nothing: `hourly`.
        stamp: Which end of an interval the stored time is.
        label: Which end the times of a file mark, where the header does not say.
        intervals: Lengths that an interval may have. [min]
        only_intervals: Whether a file of other intervals is refused.
        bare_dates: Whether a date without a time is a day.
        identify: The meter that a cell means.
        meters_from_names: Whether a file without a meter column is named after its meter.
        complete_cut: Understands headers that were cut short.
        reason_without_value: Reason code of a row without any wanted value.
    """

    meter: frozenset[str]
    meter_title: str
    meter_noun: str
    values: tuple[ValueField, ...]
    wanted: Mapping[str, str]
    stamp: IntervalLabel
    label: IntervalLabel
    intervals: tuple[int, ...]
    reason_without_value: str
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    identifiers: Mapping[str, str] = field(default_factory=dict[str, str])
    instead: Mapping[str, str] = field(default_factory=dict[str, str])
    otherwise: Mapping[str, str] = field(default_factory=dict[str, str])
    bare_unit: str = ""
    qualifiers: frozenset[str] = frozenset()
    only_intervals: bool = False
    bare_dates: bool = False
    identify: Identify = identifier
    meters_from_names: bool = False
    complete_cut: CompleteCut = lambda names, taken: ()

    def value(self, name: str) -> ValueField:
        """The value of a name."""
        return next(each for each in self.values if each.name == name)

    @property
    def value_names(self) -> tuple[str, ...]:
        """Names of the values, in order."""
        return tuple(each.name for each in self.values)


QUARANTINE_COLUMNS: Final = (
    "QUARANTINE_FILE",
    "QUARANTINE_ROW",
    "QUARANTINE_COLUMN",
    "QUARANTINE_REASON",
    "QUARANTINE_REMEDY",
)
"""Leading columns of a file of refused rows. The first two say which row a mended one replaces."""
