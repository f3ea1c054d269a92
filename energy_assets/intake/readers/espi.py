"""Green Button documents as tables: which of their readings are read, and as what.

A reading's row number is its place among all readings of the document, the first being row 1.
Times are instants in UTC whatever clock is set. What has no place in the flow is left out by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from energy_assets.intake.errors import HeaderOnlyError, MeterFileError
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.readers.espi_channels import Channel, chosen_channels
from energy_assets.intake.readers.espi_feed import EspiFeed
from energy_assets.intake.readers.espi_tables import parts_of
from energy_assets.intake.readers.file_bytes import OpenBytes
from energy_assets.intake.readers.raw_blocks import RawBlock, RawTable, TablePlan

_SHORT_ID: Final = 6
"""A usage point with a shorter id is named after the file as well: `1` is in every file."""


class NoIntervalsError(MeterFileError):
    """A Green Button document holds no energy or volume of intervals."""

    def __init__(self, object_key: str, found: Sequence[str]) -> None:
        shown = "; ".join(found) or "no reading"
        super().__init__(
            object_key,
            f"the Green Button document holds {shown}, and nothing that a customer used.",
            "Download interval data of delivered energy or of water (accumulation behaviour 4).",
        )


class EspiFile:
    """A Green Button document that is open for reading. See `TableFile`.

    Of each usage point the delivered energy (or volume) with the shortest intervals is read; what
    was received from the customer, longer intervals, registers and peaks are left out and named.

    Args:
        open_bytes: Opens it from its start.
        object_key: Which file.
        chunk_rows: Rows of a block.
        kind: What files of the flow look like.
        file_name: Base name of the file, for usage points whose ids are short.

    Raises:
        MeterFileError: It cannot be read as a whole.
    """

    def __init__(
        self,
        open_bytes: OpenBytes,
        *,
        object_key: str,
        chunk_rows: int,
        kind: FileKind,
        file_name: str,
    ) -> None:
        self._chunk_rows = chunk_rows
        feed = EspiFeed(open_bytes(), object_key=object_key)
        points = {*feed.usage_points, *(each.usage_point for each in feed.series.values())} - {""}
        names = len(points) > 1 or not kind.meters_from_names
        value = next(kind.value(name) for name in kind.wanted if not kind.value(name).is_register)
        channels = [
            Channel(
                series=series,
                facts=feed.type_of(address),
                meter=_meter(series.usage_point, file_name),
            )
            for address, series in feed.series.items()
        ]
        if not channels:
            raise HeaderOnlyError(object_key)
        chosen = chosen_channels(channels, value)
        if not chosen:
            raise NoIntervalsError(object_key, sorted({str(each) for each in channels}))
        left = [each for each in channels if not any(each is other for other in chosen)]
        self._parts = parts_of(chosen, kind.wanted[value.name], kind.meter_title if names else "")
        self.tables: Sequence[RawTable] = [part.as_table() for part in self._parts]
        rest = sum(len(each.series.values) for each in left)
        self.left_out: Mapping[str, int] = {"reading of another kind": rest} if rest else {}
        self.comments: Sequence[str] = ()
        self.titles: Sequence[str] = ()
        self.other_sheets: Sequence[str] = sorted({str(each) for each in left})

    def blocks(self, plans: Sequence[TablePlan | None]) -> Iterator[tuple[int, RawBlock]]:
        """The number of a table and a block of its rows."""
        for number, (part, plan) in enumerate(zip(self._parts, plans, strict=True)):
            for first in range(0, len(part.numbers) if plan else 0, self._chunk_rows):
                if plan is not None:
                    yield number, part.block(first, first + self._chunk_rows, plan)


def _meter(usage_point: str, file_name: str) -> str:
    """The name of a usage point: the end of its address."""
    name = unquote(usage_point.rpartition("/")[2])
    return f"{file_name}/{name}" if 0 < len(name) < _SHORT_ID else name
