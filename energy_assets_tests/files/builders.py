"""What meters measured, and the texts of files about it, written without the code under test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from energy_assets_tests.files.cases import Case, Delivery, Expectation, Kind, Rows, Taken

METER, CUSTOMER = "9001001", "C-17"
"""Meter and customer of most load profiles."""

FIELDS: dict[Kind, str] = {
    "load_profiles": "import_kwh", "electricity": "consumption", "water": "consumption",
}  # fmt: skip
"""The field that the main column of a kind is stored in."""

VALUE_HEADERS: dict[Kind, str] = {
    "load_profiles": "IMPORT_KWH (kWh)", "electricity": "Consumption (kWh)",
    "water": "Consumption (m3)",
}  # fmt: skip
"""A header of the main column of a kind."""


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def steps(start: datetime, count: int, minutes: int) -> list[datetime]:
    """Instants that follow each other."""
    return [start + timedelta(minutes=minutes * i) for i in range(count)]


def amounts(count: int, *, first: int = 0, places: int = 2) -> list[str]:
    """What was used in each interval: different from its neighbours, between .3 and 1.5."""
    return [f"{0.31 + ((first + i) * 7 % 12) / 10:.{places}f}" for i in range(count)]


def registers(used: Sequence[str], *, start: str = "1000.5") -> list[str]:
    """A register that begins at `start` and counts what was used after each reading."""
    total, counted = Decimal(start), []
    for amount in used:
        counted.append(str(total))
        total += Decimal(amount)
    return counted


def zone_of(clock: str) -> tzinfo:
    """The time zone of a clock setting."""
    if clock == "utc":
        return UTC
    kind, _, name = clock.partition(":")
    if kind == "local":
        return ZoneInfo(name)
    hours, minutes = int(name[1:3]), int(name[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if name[0] == "-" else offset)


def text(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    delimiter: str = ",",
    newline: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    """Delimited text; cells stand as they are given."""
    lines = [delimiter.join(header), *(delimiter.join(row) for row in rows)]
    return (newline.join(lines) + newline).encode(encoding)


def comma(number: str) -> str:
    """A number with a decimal comma."""
    return number.replace(".", ",")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some time of one meter. A load profile is a register, the others are interval values.

    Attributes:
        kind: The flow.
        start: First instant.
        count: Rows.
        minutes: Interval.
        clock: The clock setting, and so the wall clock of the file.
        meter: Its meter; the base name of its file for consumption.
        customer: Its customer, of load profiles only.
        places: Decimal places of values.
        first: Where the pattern of values begins.
        flat: The value of every interval, for a meter that uses the same all the time.
    """

    kind: Kind
    start: datetime
    count: int = 48
    minutes: int = 30
    clock: str = "utc"
    meter: str = METER
    customer: str = CUSTOMER
    places: int = 2
    first: int = 0
    flat: str = ""

    @property
    def instants(self) -> list[datetime]:
        """True instants of the rows."""
        return steps(self.start, self.count, self.minutes)

    @property
    def walls(self) -> list[datetime]:
        """What the meter's clock shows at each row."""
        zone = zone_of(self.clock)
        return [instant.astimezone(zone) for instant in self.instants]

    @property
    def values(self) -> list[str]:
        """The values as text with a decimal point."""
        used = amounts(self.count, first=self.first, places=self.places)
        used = [self.flat] * self.count if self.flat else used
        return registers(used) if self.kind == "load_profiles" else used

    @property
    def rows(self) -> Rows:
        """What is to be stored."""
        return self.stored([float(value) for value in self.values])

    def stored(self, values: Sequence[float], *, field: str = "", meter: str = "") -> Rows:
        """The rows with other values, such as those of another unit."""
        name, owner = field or FIELDS[self.kind], meter or self.meter
        whose = {"customer_ref": self.customer} if self.kind == "load_profiles" else {}
        return {
            (owner, instant): {name: value, **whose}
            for instant, value in zip(self.instants, values, strict=True)
        }

    @property
    def owner(self) -> list[str]:
        """The cells of meter and customer before each row's time."""
        return [self.meter, self.customer] if self.kind == "load_profiles" else []

    def header(self, *when: str, value: str = "") -> list[str]:
        """Column names; `DateTime` unless others are given."""
        owner = ["SERIAL", "CUSTOMER_REF"] if self.kind == "load_profiles" else []
        return [*owner, *(when or ("DateTime",)), value or VALUE_HEADERS[self.kind]]

    def table(
        self, *formats: str, mark: str = ".", values: Sequence[str] | None = None
    ) -> list[list[str]]:
        """Rows of cells: a cell of time for each format, then the value."""
        return [
            [*self.owner, *(f"{wall:{each}}" for each in formats or ("%Y-%m-%d %H:%M",)),
             value.replace(".", mark)]
            for wall, value in zip(self.walls, values or self.values, strict=True)
        ]  # fmt: skip

    def text(self, *, delimiter: str = ",", mark: str = ".", newline: str = "\n") -> bytes:
        """The plainest file of this sample."""
        rows = self.table(mark=mark)
        return text(self.header(), rows, delimiter=delimiter, newline=newline)

    def moved(self, start: datetime, **changes: object) -> "Sample":
        """The same meter at another time."""
        return replace(self, start=start, **changes)  # type: ignore[arg-type]

    @property
    def file(self) -> str:
        """A file name that names the meter."""
        return f"{self.meter}.csv"

    def case(
        self,
        name: str,
        data: bytes,
        expect: Expectation | None = None,
        *,
        ending: str = ".csv",
        file: str = "",
        label: str | None = None,
        unit: str | None = None,
        arrives: datetime | None = None,
    ) -> Case:
        """A case of one delivery; without an expectation all rows of the sample are stored."""
        delivery = Delivery(
            name=file or f"{self.meter}{ending}",
            data=data,
            expect=expect or Taken(rows=self.rows),
            arrives=arrives,
        )
        return self.of(name, delivery, label=label, unit=unit)

    def of(
        self, name: str, *deliveries: Delivery, label: str | None = None, unit: str | None = None
    ) -> Case:
        """A case of these deliveries under the sample's clock."""
        return Case(
            name=f"{self.kind}: {name}", kind=self.kind, deliveries=deliveries, clock=self.clock,
            label=label, unit=unit,  # type: ignore[arg-type]
        )  # fmt: skip


def delivery(name: str, data: bytes, rows: Rows, **options: object) -> Delivery:
    """A file that is taken in with these rows."""
    return Delivery(name=name, data=data, expect=Taken(rows=rows, **options))  # type: ignore[arg-type]
