"""Which rows a damaged file may be stored as: as the sound rows, or as what a changed cell says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isclose

from energy_assets_tests.files.mutation_bases import MAIN, Cell, Line, Table

Stored = Mapping[str, float | str]
"""A stored row by field."""


@dataclass(frozen=True)
class Explanation:
    """What one line may mean; None stands for anything.

    Attributes:
        meters: Meters, or None where the cell was changed.
        customers: Customers likewise.
        instant: When, or None where the day or the time was changed.
        values: Readings of each field; one at least must be stored.
    """

    meters: frozenset[str] | None
    customers: frozenset[str] | None
    instant: datetime | None
    values: Mapping[str, tuple[float, ...]]

    def covers(self, meter: str, instant: datetime, row: Stored) -> bool:
        """Whether it explains a stored row."""
        if self.instant is not None and self.instant != instant:
            return False
        if self.meters is not None and meter not in self.meters:
            return False
        customer = row.get("customer_ref")
        if customer is not None and self.customers is not None and customer not in self.customers:
            return False
        fields = {name: value for name, value in row.items() if name != "customer_ref"}
        return any(name in MAIN for name in fields) and all(
            any(isclose(float(value), other, rel_tol=1e-9, abs_tol=1e-12)
                for other in self.values.get(name, ()))
            for name, value in fields.items()
        )  # fmt: skip


def unexplained(
    table: Table, stored: Mapping[tuple[str, datetime], Stored]
) -> Iterator[tuple[str, datetime, Stored]]:
    """Stored rows that no line of a damaged file explains."""
    exact: dict[datetime, list[Explanation]] = {}
    free: list[Explanation] = []
    for explanation in explanations(table):
        at = explanation.instant
        (free if at is None else exact.setdefault(at, [])).append(explanation)
    for (meter, instant), row in stored.items():
        choices = [*exact.get(instant, ()), *free]
        if not any(each.covers(meter, instant, row) for each in choices):
            yield meter, instant, row


def explanations(table: Table) -> Iterator[Explanation]:
    """What each line of a damaged file may mean, by the header above it."""
    headers = [line for line in table.lines if line.roles is not None]
    header = headers[0] if headers else None
    for line in table.lines:
        if line.roles is not None:
            header = line
        elif line.meaning is not None and header is not None:
            # Columns that are gone with their header or title cannot be mixed up with others.
            yield _explanation(table, line, header)


def _explanation(table: Table, line: Line, header: Line) -> Explanation:
    meaning, roles = line.meaning, header.roles or []
    assert meaning is not None
    cells: dict[str, Cell] = {}
    if not line.broken:
        cells = {role: cell for role, cell in zip(roles, line.cells, strict=False) if role}
    changed = {role for role, cell in cells.items() if cell.damaged or cell.origin != role}
    named = _named(cells, "meter", meaning.meter)
    if "meter" not in cells or "meter" in header.garbled:
        named |= {table.name, meaning.meter}
    owners = _named(cells, "customer", meaning.customer)
    if "customer" not in cells or "customer" in header.garbled:
        owners |= named | {meaning.customer}
    values: dict[str, tuple[float, ...]] = {}
    for name in meaning.values:
        scale = header.scales.get(name, 1.0)
        base = _unit_scale(table, name)
        found = readings(cells[name].text) if name in changed else (meaning.values[name] / base,)
        values[name] = tuple(each * base * scale for each in found)
        if name == "power_factor":
            # Rounding takes a power factor up to 0.05 beyond 1.
            values[name] += tuple(1.0 for each in found if 1 < each <= 1.05)
    return Explanation(
        meters=None if "meter" in changed and cells["meter"].damaged else frozenset(named),
        customers=None if _is_damaged(cells, "customer", "meter") else frozenset(owners),
        instant=None if changed & {"when", "date", "time"} else meaning.instant,
        values=values,
    )


def _named(cells: Mapping[str, Cell], role: str, name: str) -> set[str]:
    """The name in a column, or in the one that took over its title."""
    cell = cells.get(role)
    if cell is None or cell.origin == role:
        return {name}
    bare = cell.text.strip()
    return {bare, bare.lstrip("0")}


def _is_damaged(cells: Mapping[str, Cell], *roles: str) -> bool:
    return any(role in cells and cells[role].damaged for role in roles)


def _unit_scale(table: Table, name: str) -> float:
    return table.scale if name in MAIN else 1.0


def readings(text: str) -> tuple[float, ...]:
    """The numbers that a text may mean: with a decimal point, or with a decimal comma."""
    bare = re.sub(r"^=?\"*|\"+$|^'", "", text.strip()).strip()
    found = []
    for mark, group in ((".", ","), (",", ".")):
        pattern = rf"-?(?:\d+|\d{{1,3}}(?:[{group} ']\d{{3}})+)(?:[{mark}]\d*)?(?:[eE][+-]?\d+)?"
        if re.fullmatch(pattern, bare):
            plain = re.sub(rf"[{group} ']", "", bare).replace(mark, ".")
            found.append(float(plain))
    return tuple(found)
