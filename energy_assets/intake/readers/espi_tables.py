"""Readings of a Green Button document as tables: a row for each, in the order of the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energy_assets.intake.readers.espi_channels import Channel
from energy_assets.intake.readers.espi_feed import NO_TIME, Series
from energy_assets.intake.readers.raw_blocks import RawBlock, RawTable, TablePlan

START_COLUMN: Final = "Interval Start"
"""Header of the starts, which state that they are UTC."""

SAMPLE_ROWS: Final = 500
"""Rows that are kept as a sample."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Readings in one unit, in the order of the document."""

    header: tuple[str, ...]
    meters: NDArray[np.object_]
    numbers: NDArray[np.int64]
    starts: NDArray[np.object_]
    values: NDArray[np.float64]
    odd_values: Mapping[int, str]

    def as_table(self) -> RawTable:
        """What others see of it."""
        sample = [self.row(at) for at in range(min(SAMPLE_ROWS, len(self.numbers)))]
        return RawTable(name="", header=self.header, header_row=0, sample=sample)

    def row(self, at: int) -> list[str]:
        """The cells of a reading."""
        value = self.odd_values.get(at, _number_text(float(self.values[at])))
        meter = [str(self.meters[at])] if len(self.header) > 2 else []
        return [*meter, str(self.starts[at]), value]

    def block(self, first: int, end: int, plan: TablePlan) -> RawBlock:
        """Some of the readings."""
        end = min(end, len(self.numbers))
        positions = dict(enumerate(self.header))
        odd = {at - first: text for at, text in self.odd_values.items() if first <= at < end}
        columns: dict[str, pa.Array] = {}
        for name, position in plan.layout.positions.items():
            if plan.layout.is_value(name):
                columns[name] = _number_column(self.values[first:end], odd)
                continue
            texts = self.starts if positions[position] == START_COLUMN else self.meters
            known = [text or None for text in texts[first:end].tolist()]
            columns[name] = pa.array(known, pa.string()).dictionary_encode()
        return RawBlock(
            row_numbers=self.numbers[first:end], columns=columns, texts=_Texts(self, first, end)
        )


class _Texts:
    """Looks up single readings of a block. See `RowTexts`."""

    def __init__(self, part: Part, first: int, end: int) -> None:
        self._part, self._first, self._end = part, first, end

    def cells(self, row_number: int) -> list[str]:
        numbers = self._part.numbers[self._first : self._end]
        return self._part.row(self._first + int(np.searchsorted(numbers, row_number)))


def _number_text(value: float) -> str:
    return "" if np.isnan(value) else repr(value)


def _number_column(values: NDArray[np.float64], odd: Mapping[int, str]) -> pa.Array:
    """Floats; texts where one of them is no number."""
    if not odd:
        return pa.array(values, pa.float64(), from_pandas=True)
    texts = [odd.get(at, _number_text(value)) or None for at, value in enumerate(values.tolist())]
    return pa.array(texts, pa.string()).dictionary_encode()


def parts_of(channels: Sequence[Channel], title: str, meter_title: str) -> list[Part]:
    """The readings by their unit, each in the order of the document."""
    by_unit: dict[str, list[Channel]] = {}
    for each in channels:
        by_unit.setdefault(each.unit, []).append(each)
    return [_part(group, f"{title} ({unit})", meter_title) for unit, group in by_unit.items()]


def _part(channels: Sequence[Channel], value_title: str, meter_title: str) -> Part:
    numbers, starts, meters = [], [], []
    values: list[float] = []
    odd: list[str] = []
    for each in channels:
        series = each.series
        numbers.append(np.array(series.numbers, dtype=np.int64))
        starts.append(_start_texts(series))
        meters.append(np.full(len(series.values), each.meter, dtype=object))
        power = each.facts.get("powerOfTenMultiplier", "") or "0"
        for text in series.values:
            value, left = _scaled(text, power)
            values.append(value)
            odd.append(left)
    place = np.concatenate(numbers)
    order = np.argsort(place, kind="stable")
    return Part(
        header=(*([meter_title] if meter_title else []), START_COLUMN, value_title),
        meters=np.concatenate(meters)[order],
        numbers=place[order],
        starts=np.concatenate(starts)[order],
        values=np.array(values, dtype=np.float64)[order],
        odd_values={new: odd[old] for new, old in enumerate(order.tolist()) if odd[old]},
    )


def _start_texts(series: Series) -> NDArray[np.object_]:
    """Starts as ISO texts in UTC; what stands there where that is none."""
    seconds = np.array(series.starts, dtype=np.int64)
    known = np.where(seconds == NO_TIME, 0, seconds).astype("datetime64[s]")
    texts = np.char.add(np.datetime_as_string(known), "Z").astype(object)
    for at, text in series.odd_starts.items():
        texts[at] = text
    return texts


def _scaled(text: str, power: str) -> tuple[float, str]:
    """A value times a power of ten, and its text where it cannot be read."""
    if not text:
        return float("nan"), ""
    try:
        value = float(Decimal(text).scaleb(int(power)))
    except (InvalidOperation, ValueError, OverflowError):
        return float("nan"), text
    return (value, "") if np.isfinite(value) else (float("nan"), text)
