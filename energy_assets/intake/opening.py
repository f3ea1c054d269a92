"""A file is opened: how it is to be read is found out from all of it, before anything is stored.

Everything that can be wrong with a file as a whole shows here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.dates import epoch_ms
from energy_assets.intake.errors import HeaderOnlyError, MeterFileError, MissingColumnsError
from energy_assets.intake.file_kind import FileKind
from energy_assets.intake.layouts import Layout, layout_of
from energy_assets.intake.preambles import clock_notes, refuse_units_above
from energy_assets.intake.readers.csv_blocks import CsvFile
from energy_assets.intake.readers.espi import EspiFile
from energy_assets.intake.readers.file_bytes import OpenBytes, as_utf8, format_of, unpacked
from energy_assets.intake.readers.raw_blocks import RawBlock, RawTable, TableFile
from energy_assets.intake.readers.wide import wide_score, with_long_rows
from energy_assets.intake.readers.workbooks import WorkbookFile
from energy_assets.intake.report import MeterFile
from energy_assets.intake.rules import FIRST_MS, TableRules
from energy_assets.intake.survey import BlockCache, conventions_of
from energy_assets.intake.time_notes import clock_noted
from energy_assets.intake.time_rules import settled_rules
from energy_assets.intake.timing import Period
from energy_assets.intake.unit_rows import unit_row

CLOCK_SKEW_MS: Final = 15 * 60_000
"""Meters' clocks may be ahead of the store's by so much. [ms]"""

REPLACES: Final = "replaces:"
"""How a comment begins that names the object whose values a file replaces."""


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What a person says about files, where the files themselves do not.

    Attributes:
        clock: The clock that the times show.
        meter_id: The meter of a file without a column for it.
        chunk_rows: Rows that are read and stored at once.
        earliest: Values before this wall time are refused.
        known_intervals: Gives the intervals that are known of meters. [min]
    """

    clock: MeterClock
    meter_id: str | None = None
    chunk_rows: int = 100_000
    earliest: datetime | None = None
    known_intervals: Callable[[Sequence[str]], Mapping[str, int]] = lambda _: {}


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A file whose rows can be read.

    Attributes:
        rules: How its tables are to be understood; none of a table that is not read.
        cache: Its blocks.
        periods: First and last instant of each meter.
        left_out: How many lines are no rows, by what they are.
        other_sheets: Sheets that are not read.
        replaces: The objects whose values it says that it replaces.
    """

    rules: tuple[TableRules | None, ...]
    cache: BlockCache
    periods: Mapping[str, Period] = field(default_factory=dict[str, Period])
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    other_sheets: tuple[str, ...] = ()
    replaces: frozenset[str] = frozenset()

    def blocks(self) -> Iterator[tuple[TableRules, RawBlock]]:
        """Its rows in blocks, each with how it is to be understood."""
        plans = [None if rules is None else rules.plan for rules in self.rules]
        for number, block in self.cache.blocks(plans):
            rules = self.rules[number]
            if rules is not None:
                yield rules, block

    @property
    def first_rules(self) -> TableRules:
        """How the first table is to be understood."""
        return next(rules for rules in self.rules if rules is not None)

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Headers that mean nothing here, and sheets that are not read."""
        ignored = [text for rules in self.rules if rules for text in rules.layout.ignored]
        return tuple(dict.fromkeys([*ignored, *(f"sheet {s!r}" for s in self.other_sheets)]))


def open_file(
    open_bytes: OpenBytes, *, file: MeterFile, kind: FileKind, options: ReadingOptions
) -> OpenedFile:
    """Find out how a file is to be read.

    Args:
        open_bytes: Opens it from its start.
        file: Which file.
        kind: What files of the flow look like.
        options: What the file does not say.

    Raises:
        MeterFileError: It cannot be read as a whole.
    """
    key = file.object_key
    tables_file = table_file(open_bytes, object_key=key, kind=kind, options=options)
    layouts = _layouts(tables_file, kind, key)
    first_rows, layouts = _below_units(tables_file.tables, layouts, kind, key)
    if not any(_has_rows(table) for table in tables_file.tables):
        raise HeaderOnlyError(key)
    lines = [*tables_file.titles, *tables_file.comments]
    for layout in layouts:
        if layout is not None:
            refuse_units_above(lines, layout, kind, object_key=key)
    cache = BlockCache(tables_file)
    conventions = conventions_of(
        cache, tables_file.tables, layouts, first_rows, object_key=key, order=file.date_order
    )
    several = len({table.name for table in tables_file.tables}) > 1
    rules = [
        None
        if layout is None
        else TableRules(
            kind=kind,
            layout=layout,
            clock=MeterClock.parse("utc")
            if isinstance(tables_file, EspiFile)
            else _clock(layout, lines, options, key),
            orders=orders,
            numbers=conventions.numbers,
            latest_ms=epoch_ms(file.known_at) + CLOCK_SKEW_MS,
            first_ms=FIRST_MS if options.earliest is None else epoch_ms(options.earliest),
            meter_id=None if "meter_id" in layout.positions else options.meter_id,
            added_cells=_added_cells(kind, layout, options.meter_id),
            sheet=table.name if several else "",
            first_row=first_row,
        )
        for table, layout, first_row, orders in zip(
            tables_file.tables, layouts, first_rows, conventions.orders, strict=True
        )
    ]
    settled, periods = settled_rules(cache, rules, tables_file.tables, file=file, options=options)
    return OpenedFile(
        rules=tuple(settled),
        cache=cache,
        periods=periods,
        left_out=tables_file.left_out,
        other_sheets=(*tables_file.other_sheets, *_unread(tables_file.tables, layouts)),
        replaces=_replaced(tables_file.comments),
    )


def table_file(
    open_bytes: OpenBytes, *, object_key: str, kind: FileKind, options: ReadingOptions
) -> TableFile:
    """The tables of a file, whatever its format and shape; unpacked where it is compressed.

    Raises:
        MeterFileError: It is no delimited text, workbook or Green Button document, or is damaged.
    """
    found, rows = format_of(object_key, next(open_bytes(), b"")), options.chunk_rows
    if found == "gzip":
        open_bytes = unpacked(open_bytes, object_key=object_key)
        packed = format_of(object_key, next(open_bytes(), b""))
        found = "espi" if packed == "espi" else "text"
    if found == "espi":
        name = options.meter_id or PurePosixPath(object_key).name.partition(".")[0]
        return EspiFile(
            open_bytes, object_key=object_key, chunk_rows=rows, kind=kind, file_name=name
        )
    is_book, score = found in ("xlsx", "xls"), wide_score(kind)
    file: TableFile = (
        WorkbookFile(open_bytes, object_key=object_key, chunk_rows=rows, score=score)
        if is_book
        else CsvFile(as_utf8(open_bytes), object_key=object_key, chunk_rows=rows, score=score)
    )
    return with_long_rows(
        file, object_key=object_key, kind=kind, clock=options.clock, chunk_rows=rows
    )


def _layouts(file: TableFile, kind: FileKind, key: str) -> list[Layout | None]:
    """The layout of each table; none of a sheet that holds no readings beside one that does.

    Raises:
        MeterFileError: No table can be read, or one of a text cannot, or one below another that
            can.
    """
    layouts: list[Layout | None] = []
    faults: list[MeterFileError] = []
    for table in file.tables:
        try:
            layouts.append(layout_of(table.header, kind, object_key=key))
        except MissingColumnsError as fault:
            read = {t.name for t, found in zip(file.tables, layouts, strict=False) if found}
            if not table.name or table.name in read:
                raise
            faults.append(fault)
            layouts.append(None)
    if faults and not any(layouts):
        raise faults[0]
    return layouts


def _below_units(
    tables: Sequence[RawTable], layouts: Sequence[Layout | None], kind: FileKind, key: str
) -> tuple[list[int], list[Layout | None]]:
    """Where the readings of each table begin, and the layouts with the units of a row of units."""
    first_rows: list[int] = []
    found: list[Layout | None] = []
    for table, layout in zip(tables, layouts, strict=True):
        below = None if layout is None else unit_row(table, layout, kind, object_key=key)
        first_rows.append(table.header_row + (1 if below is None else 2))
        found.append(layout if below is None else below)
    return first_rows, found


def _clock(layout: Layout, lines: Sequence[str], options: ReadingOptions, key: str) -> MeterClock:
    """The clock that times without an offset show, as their headers or the setting say."""
    if layout.times.is_utc:
        return MeterClock.parse("utc")
    return clock_noted(layout.times.notes or clock_notes(lines), options.clock, object_key=key)


def _has_rows(table: RawTable) -> bool:
    return any(any(cell.strip() for cell in cells) for cells in table.sample)


def _unread(tables: Sequence[RawTable], layouts: Sequence[Layout | None]) -> list[str]:
    pairs = zip(tables, layouts, strict=True)
    return [table.name for table, layout in pairs if layout is None]


def _added_cells(kind: FileKind, layout: Layout, meter_id: str | None) -> dict[str, str]:
    if "meter_id" in layout.positions or meter_id is None:
        return {}
    return {kind.meter_title: meter_id}


def _replaced(comments: Sequence[str]) -> frozenset[str]:
    """Objects that comments say are replaced: `# replaces: raw/consumption/water/a.csv`."""
    named = [text for text in comments if text.lower().startswith(REPLACES)]
    return frozenset(text[len(REPLACES) :].strip() for text in named)
