"""Simulated Flux execution on InfluxDB 1.6 data. This is no Flux engine.

It understands the one form of query that `resources.flux_query` writes, by a grammar of its own,
and refuses everything else. How a real InfluxDB 2 executes these queries is not verified here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from energy_assets_tests.servers.influxd import Influxd

TEXT = r'"(?:[^"\\]|\\.)*"'
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
TEST = rf"r\[({TEXT})\] (==|<=|>=|<|>) ({TEXT}|{INSTANT})"
QUERY = re.compile(
    rf"from\(bucket: ({TEXT})\)\n"
    rf"  \|> range\(start: ({INSTANT}), stop: ({INSTANT})\)\n"
    r"((?:  \|> filter\(fn: \(r\) => [^\n]+\)\n)+)"
    r'  \|> pivot\(rowKey: \["_time"\], columnKey: \["_field"\], valueColumn: "_value"\)\n'
    r'  \|> drop\(columns: \["_start", "_stop", "_measurement"\]\)'
)
TYPES = {"float": "double", "integer": "long", "string": "string", "boolean": "boolean"}

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

Test = tuple[str, str, str | int]


class NotSimulatedError(ValueError):
    """The text is none that the builder may write."""


@dataclass(frozen=True)
class ParsedQuery:
    bucket: str
    start_ns: int
    stop_ns: int
    filters: list[list[Test]]
    """All filters hold; of each one's tests, any."""

    @property
    def measurement(self) -> str:
        return str(self.filters[0][0][2])

    @property
    def fields(self) -> list[str]:
        return [str(value) for name, _, value in self.filters[-1] if name == "_field"]


def parsed(flux: str) -> ParsedQuery:
    """A query of the builder's form, taken apart; nothing may be left over."""
    found = QUERY.fullmatch(flux)
    if found is None:
        raise NotSimulatedError("not the form that the builder writes")
    bucket, start, stop, filters = found.groups()
    tests = [_tests(line) for line in filters.rstrip("\n").split("\n")]
    if [name for name, _, _ in tests[0]] != ["_measurement"] or tests[-1][0][0] != "_field":
        raise NotSimulatedError("measurement and fields are not filtered")
    return ParsedQuery(_text(bucket), nanoseconds(start), nanoseconds(stop), tests)


def _tests(line: str) -> list[Test]:
    predicate = line.removeprefix("  |> filter(fn: (r) => ")[:-1]
    found = re.findall(TEST, predicate)
    skeleton = re.sub(TEST, "T", predicate)
    if re.fullmatch(r"T( or T)*", skeleton.replace("(", "").replace(")", "")) is None:
        raise NotSimulatedError(f"no predicate: {predicate}")
    return [
        (_text(name), sign, _text(value) if value[0] == '"' else nanoseconds(value))
        for name, sign, value in found
    ]


def _text(literal: str) -> str:
    """What a string literal says, by the Flux specification."""
    inner = literal[1:-1]
    if re.search(r"(?<!\\)(?:\\\\)*\$\{", inner):
        raise NotSimulatedError("string interpolation")
    plain = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t", "${": "${"}

    def said(found: re.Match[str]) -> str:
        return chr(int(found[2], 16)) if found[2] else plain[found[1]]

    return re.sub(r"\\(\$\{|x([0-9a-f]{2})|.)", said, inner)


def nanoseconds(instant: str) -> int:
    moment = datetime.fromisoformat(instant)
    step = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((step.days * 86_400 + step.seconds) * 1_000_000 + step.microseconds) * 1_000


def annotated_csv(query: ParsedQuery, influxd: Influxd) -> Iterator[bytes]:
    """The answer as InfluxDB's CSV encoder writes it: a new head where columns change."""
    head: list[list[str]] = []
    for at, (tags, columns, kinds, rows) in enumerate(_tables(query, influxd)):
        names = [*tags, "_time", *columns]
        types = ["string"] * len(tags) + ["dateTime:RFC3339", *kinds]
        grouped = ["true"] * len(tags) + ["false"] * (1 + len(columns))
        new = [
            ["#datatype", "string", "long", *types],
            ["#group", "false", "false", *grouped],
            ["#default", "_result", *[""] * (len(names) + 1)],
            ["", "result", "table", *names],
        ]
        if new != head:
            yield (b"\r\n" if head else b"") + b"".join(_line(row) for row in new)
            head = new
        for when, *values in rows:
            cells = [_cell(value) for value in values]
            yield _line(["", "", str(at), *tags.values(), _rfc3339(when), *cells])
    yield b"\r\n"


Point = tuple[Any, ...]


def _tables(
    query: ParsedQuery, influxd: Influxd
) -> Iterator[tuple[dict[str, str], list[str], list[str], list[Point]]]:
    """One table a series after filter and pivot: tags, columns, their types, and rows."""
    if query.measurement not in {
        row[0]
        for series in influxd.query("SHOW MEASUREMENTS", database=query.bucket)
        for row in series["values"]
    }:
        return
    name = '"' + query.measurement.replace('"', '\\"') + '"'
    shown = influxd.query(f"SHOW FIELD KEYS FROM {name}", database=query.bucket)
    kinds = {field: TYPES[kind] for series in shown for field, kind in series["values"]}
    between = f"time >= {query.start_ns} AND time < {query.stop_ns}"
    statement = f"SELECT * FROM {name} WHERE {between} GROUP BY *"  # noqa: S608 - a test's own
    for series in influxd.query(statement, database=query.bucket):
        tags = series.get("tags", {})
        kept = [row for row in series["values"] if _meets(query, tags, row[0])]
        places = [i for i, c in enumerate(series["columns"]) if c in query.fields]
        places = [i for i in places if any(row[i] is not None for row in kept)]
        rows = [(row[0], *(row[i] for i in places)) for row in kept]
        rows = [row for row in rows if any(value is not None for value in row[1:])]
        columns = [series["columns"][i] for i in places]
        if rows:
            types = [kinds[column] for column in columns]
            exact = [
                (row[0], *(_exact(v, k) for v, k in zip(row[1:], types, strict=True)))
                for row in rows
            ]
            yield dict(sorted(tags.items())), columns, types, exact


def _exact(value: Any, kind: str) -> Any:
    return float(value) if kind == "double" and value is not None else value


def _meets(query: ParsedQuery, tags: dict[str, str], when: int) -> bool:
    values = {**tags, "_time": when}
    return all(
        any(COMPARE[sign](values[name], value) for name, sign, value in tests)
        for tests in query.filters[1:-1]
    )


def _rfc3339(when: int) -> str:
    seconds, rest = divmod(when, 1_000_000_000)
    days, seconds = divmod(seconds, 86_400)
    day = datetime.fromordinal(datetime(1970, 1, 1, tzinfo=UTC).toordinal() + days)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{day:%Y-%m-%d}T{clock}{fraction}Z"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def _line(cells: list[str]) -> bytes:
    """As Go's CSV writer with CRLF does: it drops carriage returns inside of quotes."""
    return ",".join(_quoted(cell) for cell in cells).encode() + b"\r\n"


def _quoted(cell: str) -> str:
    if not re.search(r'[",\r\n]|^[ \t]', cell):
        return cell
    inner = cell.replace('"', '""').replace("\r", "").replace("\n", "\r\n")
    return f'"{inner}"'
