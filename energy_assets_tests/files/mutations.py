"""Damage to meter files: each kind changes a table in place and marks the changed cells."""

import gzip
from collections.abc import Callable
from copy import deepcopy

import numpy as np

from energy_assets_tests.files.mutation_bases import MAIN, Cell, Line, Table

Rng = np.random.Generator

GARBAGE = (
    "", " ", "-", "NaN", "inf", "-1", "1e309", "1E5", "#REF!", "########", "null", "０1", "١٢",
    "0x10", '"', '""', '"1', "'1", "=1+1", '="7"', "12,345", "1.234,5", "1,234.5", "1.234",
    "24:00", "25:00", "31.02.2026", "2026-13-01", "1/2/3", "45838", "1700000000", "\x00",
    "a\tb", "a;b", "a,b", "\ufeff", "9" * 40, "x" * 400, "kWh", "DateTime", "TOTAL",
    "2026-05-01 00:00",
)  # fmt: skip
"""What stands in damaged cells."""
JUNK = (
    "", "# exported", "Total;;;12.5", "Total,,,12.5", ",,,,", ";;;", "Page 1 of 2", "--", "\x1a",
    '"', "sep=;", "SERIAL", "Consumption (Wh)", "a,b,c,d,e,f,g,h,i,j", "2026", "Units,kWh",
)  # fmt: skip
"""Lines that stand between rows."""
TITLES = ("", "?", "Notes", "Remarks 2", "\u00fc\u00fc", "Col 7", "x" * 300)
"""Headers that mean nothing."""


def rows(table: Table) -> list[Line]:
    """The rows that mean something."""
    return [line for line in table.lines if line.meaning is not None]


def a_row(table: Table, rng: Rng) -> Line | None:
    found = rows(table)
    return found[rng.integers(len(found))] if found else None


def damage(cell: Cell, text: str) -> None:
    """Change a cell."""
    cell.damaged = cell.damaged or cell.text != text
    cell.text = text


def swap_cells(table: Table, rng: Rng) -> None:
    """Two cells of one column, of one row, or of anywhere exchange their places."""
    one, other = a_row(table, rng), a_row(table, rng)
    if one is None or other is None:
        return
    other = one if rng.random() < 0.3 else other
    i = int(rng.integers(len(one.cells)))
    j = i if rng.random() < 0.5 and i < len(other.cells) else int(rng.integers(len(other.cells)))
    first, second = one.cells[i].text, other.cells[j].text
    damage(one.cells[i], second)
    damage(other.cells[j], first)


def replace_digits(table: Table, rng: Rng) -> None:
    """A digit of some cells becomes another."""
    for _ in range(int(rng.integers(1, 6))):
        row = a_row(table, rng)
        if row is None:
            return
        cell = row.cells[rng.integers(len(row.cells))]
        places = [i for i, sign in enumerate(cell.text) if sign.isdigit()]
        if places:
            at = places[rng.integers(len(places))]
            damage(cell, f"{cell.text[:at]}{rng.integers(10)}{cell.text[at + 1 :]}")


def garble_cells(table: Table, rng: Rng) -> None:
    """Some cells hold garbage."""
    for _ in range(int(rng.integers(1, 5))):
        if (row := a_row(table, rng)) is not None:
            damage(row.cells[rng.integers(len(row.cells))], str(rng.choice(GARBAGE)))


def garble_column(table: Table, rng: Rng) -> None:
    """A stretch of one column holds the same garbage."""
    found = rows(table)
    if not found:
        return
    start, text = int(rng.integers(len(found))), str(rng.choice(GARBAGE))
    column = int(rng.integers(len(found[0].cells)))
    for row in found[start : start + int(rng.integers(2, 20))]:
        if column < len(row.cells):
            damage(row.cells[column], text)


def cut_rows(table: Table, rng: Rng) -> None:
    """Some rows are gone."""
    start = int(rng.integers(1, max(2, len(table.lines))))
    del table.lines[start : start + int(rng.integers(1, 20))]


def repeat_rows(table: Table, rng: Rng) -> None:
    """Some rows stand there twice."""
    start = int(rng.integers(1, max(2, len(table.lines))))
    again = deepcopy(table.lines[start : start + int(rng.integers(1, 12))])
    at = int(rng.integers(1, len(table.lines) + 1))
    table.lines[at:at] = [line for line in again if line.meaning is not None]


def shuffle_rows(table: Table, rng: Rng) -> None:
    """Rows of a file with one header stand in another order."""
    if sum(line.roles is not None for line in table.lines) > 1:
        return
    body = table.lines[1:]
    order = rng.permutation(len(body)) if rng.random() < 0.5 else range(len(body))[::-1]
    table.lines[1:] = [body[i] for i in order]


def permute_columns(table: Table, rng: Rng) -> None:
    """Columns stand in another order, from the top or below a second header."""
    header = next((line for line in table.lines if line.roles is not None), None)
    if header is None or any(line.broken for line in table.lines):
        return
    start = 0
    if rng.random() < 0.5 and len(table.lines) > 4:
        start = int(rng.integers(2, len(table.lines)))
        table.lines.insert(start, deepcopy(header))
    order = rng.permutation(len(header.cells))
    for line in table.lines[start:]:
        if len(line.cells) == len(order):
            line.cells = [line.cells[i] for i in order]
            if line.roles is not None:
                line.roles = [line.roles[i] for i in order]


def repeat_header(table: Table, rng: Rng) -> None:
    """The header stands in the middle again."""
    header = [line for line in table.lines if line.roles is not None]
    if header:
        at = int(rng.integers(1, len(table.lines) + 1))
        above = [line for line in table.lines[:at] if line.roles is not None]
        if above:
            table.lines.insert(at, deepcopy(above[-1]))


def lose_header(table: Table, rng: Rng) -> None:
    """The first line is gone."""
    if rng.random() < 0.3 and table.lines:
        del table.lines[0]


def garble_title(table: Table, rng: Rng) -> None:
    """A column has a title that means nothing, or its neighbour's."""
    headers = [line for line in table.lines if line.roles is not None]
    if not headers:
        return
    line = headers[rng.integers(len(headers))]
    assert line.roles is not None
    i = int(rng.integers(len(line.cells)))
    if rng.random() < 0.3:
        j = int(rng.integers(len(line.cells)))
        line.cells[i], line.cells[j] = line.cells[j], line.cells[i]
        line.roles[i], line.roles[j] = line.roles[j], line.roles[i]
    elif rng.random() < 0.2:
        line.cells[i] = Cell(line.cells[rng.integers(len(line.cells))].text)
    else:
        line.garbled.add(line.roles[i])
        line.cells[i] = Cell(str(rng.choice(TITLES)))


def change_unit(table: Table, rng: Rng) -> None:
    """The header says another unit of the same kind."""
    factors = {"(kWh)": ("(Wh)", 1e-3), "(Wh)": ("(MWh)", 1e6), "(m3)": ("(l)", 1e-3)}
    for line in table.lines:
        if line.roles is None:
            continue
        for cell, role in zip(line.cells, line.roles, strict=True):
            for unit, (other, factor) in factors.items():
                if role in MAIN and unit in cell.text and rng.random() < 0.5:
                    cell.text = cell.text.replace(unit, other)
                    line.scales[role] = line.scales.get(role, 1.0) * factor
                    return


def shift_cells(table: Table, rng: Rng) -> None:
    """A row has a cell too many or too few."""
    for _ in range(int(rng.integers(1, 4))):
        row = a_row(table, rng)
        if row is None or not row.cells:
            continue
        at = int(rng.integers(len(row.cells) + 1))
        if rng.random() < 0.5:
            row.cells.insert(at, Cell(str(rng.choice(GARBAGE)), damaged=True))
        else:
            del row.cells[min(at, len(row.cells) - 1)]
        row.broken = True


def add_junk(table: Table, rng: Rng) -> None:
    """Lines that are no rows stand anywhere."""
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(table.lines) + 1))
        table.lines.insert(at, Line([Cell(str(rng.choice(JUNK)))]))


def change_delimiter(table: Table, rng: Rng) -> None:
    """Other characters stand between the cells."""
    table.delimiter = str(rng.choice([",", ";", "\t", "|", ":", "  "]))


def trail_delimiters(table: Table, rng: Rng) -> None:
    """Empty cells stand at the end of all rows, of the header, or of a few rows."""
    choice = rng.integers(3)
    for line in table.lines:
        is_header = line.roles is not None
        if choice == 0 or (choice == 1 and is_header) or (choice == 2 and rng.random() < 0.2):
            line.cells.append(Cell(""))
            if line.roles is not None:
                line.roles.append("")
            elif line.meaning is not None:
                line.broken = True


def change_line_ends(table: Table, rng: Rng) -> None:
    """Lines end in something else."""
    table.newline = str(rng.choice(["\r\n", "\r", "\n\n", "\n\r", " \n"]))


def change_encoding(table: Table, rng: Rng) -> None:
    """The text is written in another encoding, or in two."""
    name = str(rng.choice(["utf-8-sig", "utf-16", "utf-16-be", "cp1252", "utf-7", "mixed", "torn"]))

    def write(text: str) -> bytes:
        lines = text.splitlines(keepends=True)
        if name == "mixed":
            names = ("utf-8", "cp1252", "utf-8-sig")
            return b"".join(line.encode(names[int(rng.integers(3))], "replace") for line in lines)
        if name == "torn":
            return text.encode("utf-16")[:-1]
        return text.encode(name, "replace")

    table.write = write


def pack(table: Table, rng: Rng) -> None:
    """The file is packed, and sometimes damaged inside."""
    hurt = rng.random() < 0.5

    def write(text: str) -> bytes:
        data = bytearray(gzip.compress(text.encode(), mtime=0))
        if hurt:
            at = int(rng.integers(len(data)))
            data = data[:at] if rng.random() < 0.5 else data
            if at < len(data):
                data[at] ^= int(rng.integers(1, 256))
        return bytes(data)

    table.write, table.ending = write, ".csv.gz"


def cut_off(table: Table, rng: Rng) -> None:
    """The last row ends early, without a line end."""
    if not rows(table):
        return
    while table.lines[-1].meaning is None:
        table.lines.pop()
    row = table.lines[-1]
    keep = int(rng.integers(len(row.cells)))
    del row.cells[keep + 1 :]
    cell = row.cells[keep]
    damage(cell, cell.text[: int(rng.integers(len(cell.text) + 1))])
    row.broken = row.broken or keep + 1 < len(table.lines[0].cells)


MUTATIONS: tuple[Callable[[Table, Rng], None], ...] = (
    swap_cells, replace_digits, garble_cells, garble_column, cut_rows, repeat_rows, shuffle_rows,
    permute_columns, repeat_header, lose_header, garble_title, change_unit, shift_cells, add_junk,
    change_delimiter, trail_delimiters, change_line_ends, change_encoding, pack, cut_off,
)  # fmt: skip
"""All kinds of damage."""


def mutated(table: Table, rng: Rng) -> tuple[list[str], bytes]:
    """Damage a table in one to four ways; their names, and its bytes."""
    names = []
    for _ in range(int(rng.integers(1, 5))):
        mutation = MUTATIONS[rng.integers(len(MUTATIONS))]
        mutation(table, rng)
        names.append(mutation.__name__)
    text = table.newline.join(
        table.delimiter.join(cell.text for cell in line.cells) for line in table.lines
    )
    write = table.write or (lambda written: written.encode("utf-8", "surrogatepass"))
    return names, write(text + ("" if "cut_off" in names else table.newline))
