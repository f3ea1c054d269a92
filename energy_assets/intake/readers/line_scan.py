"""The lines of a delimited text that are no rows: titles, headers, comments.

Lines of readings are full of digits, so that only a few lines are looked at one by one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from energy_assets.intake.errors import (
    BrokenHeaderError,
    EmptyFileError,
    TooManyColumnsError,
    TooManyTablesError,
)
from energy_assets.intake.layouts import MAX_COLUMNS
from energy_assets.intake.readers.csv_lines import LINE_FEED, LineBlock, split_line
from energy_assets.intake.readers.raw_blocks import HeaderScore, RawTable

DELIMITERS: Final = (",", ";", "\t", "|")
"""What may stand between cells."""

HEAD_LINES: Final = 60
"""The first header stands among so many filled lines."""

SAMPLE_ROWS: Final = 500
"""Rows of a table that are kept as a sample."""

MAX_TABLES: Final = 500
"""No file has more headers that differ."""

FEW_DIGITS: Final = 6
"""A line with fewer digits holds no reading."""

FEWEST_LETTERS: Final = 3
"""A header or comment has more letters."""

FEWEST_HEADERS: Final = 2
"""A line further down is a header if it shows this many known ones, and half of the first one's."""

MAX_COMMENTS: Final = 50
"""Comments that are kept."""

_COMMENT: Final = re.compile(r"#(?!#|REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")


@dataclass(kw_only=True)
class ScannedTable:
    """A header line and where its rows end.

    Attributes:
        header: Cells, as many as most rows have.
        header_row: Row number.
        end_row: First row number below the table; none at the end of the file.
        delimiter: What stands between cells.
        sample: Cells of the first rows.
    """

    header: list[str]
    header_row: int
    delimiter: str
    end_row: int | None = None
    sample: list[list[str]] = field(default_factory=list[list[str]])

    def as_table(self) -> RawTable:
        """What others see of it."""
        return RawTable(
            name="",
            header=tuple(self.header),
            header_row=self.header_row,
            sample=self.sample,
            delimiter=self.delimiter,
        )


class LineScan:
    """Looks through the lines of a text once."""

    def __init__(self, score: HeaderScore, *, object_key: str) -> None:
        self._score = score
        self._object_key = object_key
        self._declared: str | None = None
        self._best = 0
        self.tables: list[ScannedTable] = []
        self.no_rows: dict[int, str] = {}
        self.comments: list[str] = []
        self.titles: list[str] = []

    @property
    def left_out(self) -> Counter[str]:
        """How many lines are no rows, by what they are."""
        found = Counter(self.no_rows.values())
        if self.titles:
            found["title"] = len(self.titles)
        return found

    def add(self, block: LineBlock) -> None:
        """Look at the next block of lines."""
        start = 0
        if not self.tables:
            start = self._first_header(block)
        for row_number, line in _odd_lines(block):
            if row_number > start:
                self._look_at(row_number, line)
        self._keep_sample(block)

    def finish(self) -> None:
        """Settle the width of the tables.

        Raises:
            EmptyFileError: There is no filled line.
        """
        if not self.tables:
            raise EmptyFileError(self._object_key)
        for table in self.tables:
            table.header = _as_wide_as_rows(table.header, table.sample)

    def _first_header(self, block: LineBlock) -> int:
        """Find the first header; returns its row number."""
        filled = self._filled_lines(block)
        if not filled:
            return block.first_row
        found: list[tuple[int, int, str]] = []
        places: list[int] = []
        for place, (_, line) in enumerate(filled):
            is_found = any(score >= FEWEST_HEADERS for score, *_ in found)
            if not (is_found and _is_full_of_digits(line)):
                found.append(self._best_split(line))
                places.append(place)
        best = max(range(len(found)), key=lambda n: (found[n][0], -places[n]))
        (score, _, delimiter), place = found[best], places[best]
        row_number, line = filled[place]
        self._best = score
        for earlier, text in filled[:place]:
            self._comment_or_title(earlier, text)
        self._open(row_number, split_line(line, delimiter), delimiter)
        return row_number

    def _filled_lines(self, block: LineBlock) -> list[tuple[int, str]]:
        """Row number and text of the first lines that are not blank."""
        filled: list[tuple[int, str]] = []
        for index, line in enumerate(_decoded_lines(block, HEAD_LINES * 4)):
            if len(line) > 64 * MAX_COLUMNS or sum(map(line.count, DELIMITERS)) > 64 * MAX_COLUMNS:
                raise TooManyColumnsError(self._object_key, f"{len(line):,} characters")
            if line.lower().startswith("sep=") and len(line) == 5 and line[4] in DELIMITERS:
                self._declared = line[4]
            elif line.strip(' ,;\t|"'):
                filled.append((block.first_row + index, line))
            if len(filled) == HEAD_LINES:
                break
        return filled

    def _comment_or_title(self, row_number: int, text: str) -> None:
        if _COMMENT.match(text):
            self._comment(row_number, text)
        else:
            self.titles.append(text)

    def _best_split(self, line: str) -> tuple[int, int, str]:
        """Score, number of cells and delimiter of the best way to split a line."""
        delimiters = (self._declared,) if self._declared else DELIMITERS
        splits = [(split_line(line, delimiter), delimiter) for delimiter in delimiters]
        return max(
            ((self._score(cells), len(cells), delimiter) for cells, delimiter in splits),
            key=lambda each: each[:2],
        )

    def _open(self, row_number: int, header: list[str], delimiter: str) -> None:
        if len(self.tables) == MAX_TABLES:
            raise TooManyTablesError(self._object_key, MAX_TABLES)
        if self.tables:
            self.tables[-1].end_row = row_number
        self.tables.append(ScannedTable(header=header, header_row=row_number, delimiter=delimiter))

    def _look_at(self, row_number: int, line: str) -> None:
        if _COMMENT.match(line):
            self._comment(row_number, line)
            return
        score, _, delimiter = self._best_split(line)
        current = self.tables[-1]
        if score < max(FEWEST_HEADERS, (self._best + 1) // 2):
            cells = split_line(line, current.delimiter)
            if not repeats_a_header(cells, current.header, self._score):
                if score and _is_like_header(cells, current.header):
                    raise BrokenHeaderError(self._object_key, row_number, line)
                return
        else:
            cells = split_line(line, delimiter)
        if [cell.strip() for cell in cells] == [cell.strip() for cell in current.header]:
            self.no_rows[row_number] = "repeated header"
        else:
            self._open(row_number, cells, delimiter)

    def _comment(self, row_number: int, line: str) -> None:
        self.no_rows[row_number] = "comment"
        if len(self.comments) < MAX_COMMENTS:
            self.comments.append(line.lstrip("# \t").strip(" ,;\t|"))

    def _keep_sample(self, block: LineBlock) -> None:
        for table in self.tables:
            first, end = table.header_row + 1, table.end_row
            if len(table.sample) == SAMPLE_ROWS or (end is not None and end <= block.first_row):
                continue
            skipped = max(first - block.first_row, 0)
            for index, line in enumerate(_decoded_lines(block, skipped + 2 * SAMPLE_ROWS)):
                row_number = block.first_row + index
                if row_number < first or row_number in self.no_rows or not line:
                    continue
                if (end is not None and row_number >= end) or len(table.sample) == SAMPLE_ROWS:
                    break
                table.sample.append(split_line(line, table.delimiter))


def _is_like_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a line stands for a header: as many cells, and hardly a digit in any of them."""
    filled = [cell for cell in cells if cell.strip()]
    titled = [cell for cell in filled if sum(map(str.isdigit, cell)) <= 1]
    named = sum(1 for cell in header if cell.strip())
    return len(cells) == len(header) and len(titled) == len(filled) >= named


def _is_full_of_digits(line: str) -> bool:
    return sum(character.isdigit() for character in line) >= FEW_DIGITS


def repeats_a_header(cells: Sequence[str], header: Sequence[str], score: HeaderScore) -> bool:
    """Whether cells below a header are another one, of other columns: it names one again."""
    known = {cell.strip().casefold() for cell in header if cell.strip()}
    words = [cell.strip() for cell in cells if cell.strip()]
    again = [word for word in words if word.casefold() in known]
    return len(words) > 1 and bool(again) and score(again) > 0


def _decoded_lines(block: LineBlock, most: int) -> Iterator[str]:
    """The first lines of a block as text, without their ends."""
    at = 0
    for _ in range(most):
        end = block.data.find(b"\n", at)
        line = block.data[at:] if end < 0 else block.data[at:end]
        yield _decoded(line)
        if end < 0 or end + 1 == len(block.data):
            return
        at = end + 1


def _decoded(line: bytes) -> str:
    try:
        return line.decode().rstrip("\r")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").rstrip("\r")


def _odd_lines(block: LineBlock) -> Iterator[tuple[int, str]]:
    """Row number and text of the lines that hold no reading, empty ones aside."""
    data = np.frombuffer(block.data, dtype=np.uint8)
    ends = np.flatnonzero(data == LINE_FEED)
    starts = np.concatenate([[0], ends + 1])
    starts = starts[starts < len(data)]
    if not len(starts):
        return
    is_digit = ((data >= ord("0")) & (data <= ord("9"))).view(np.uint8)
    digits = np.add.reduceat(is_digit, starts, dtype=np.int32)
    for index in np.flatnonzero((digits < FEW_DIGITS) | (data[starts] == ord("#"))).tolist():
        end = block.data.find(b"\n", int(starts[index]))
        line = _decoded(block.data[int(starts[index]) : None if end < 0 else end])
        if line[:1] == "#" or sum(map(str.isalpha, line)) > FEWEST_LETTERS:
            yield block.first_row + index, line


def _as_wide_as_rows(header: list[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """The header with as many cells as most rows have, where those beyond it are empty."""
    named = len(header)
    while named and not header[named - 1].strip():
        named -= 1
    widths = Counter(len(cells) for cells in sample if any(cell.strip() for cell in cells))
    if not widths:
        return header
    width = widths.most_common(1)[0][0]
    beyond = [cells[named:] for cells in sample if len(cells) == width]
    if width < named or any(cell.strip() for cells in beyond for cell in cells):
        return header
    return [*header[:named], *[""] * (width - named)]
