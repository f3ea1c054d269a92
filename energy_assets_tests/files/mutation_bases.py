"""Sound files of each flow as tables whose cells know what they mean, to be damaged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from energy_assets_tests.files.builders import amounts, registers, steps, utc, zone_of
from energy_assets_tests.files.cases import Kind

MAIN = ("import_kwh", "avg_import_kw", "consumption", "register")
"""Fields of which a stored row has at least one."""


@dataclass(frozen=True)
class Meaning:
    """What a row of the sound file means: values by field, in the stored unit."""

    meter: str
    customer: str
    instant: datetime
    values: dict[str, float]


@dataclass
class Cell:
    """A cell of a file, the role of its column, and whether it was damaged."""

    text: str
    damaged: bool = False
    origin: str = ""


@dataclass
class Line:
    """A row with its meaning, a header with its roles, or junk with neither."""

    cells: list[Cell]
    meaning: Meaning | None = None
    roles: list[str] | None = None
    scales: dict[str, float] = field(default_factory=dict)
    garbled: set[str] = field(default_factory=set)
    broken: bool = False


@dataclass
class Table:
    """A file before it is written.

    Attributes:
        kind: Its flow.
        lines: A header, rows, and what damage puts between them.
        clock: The clock setting.
        delimiter: Between cells.
        scale: Of the main field, from the unit of the file to the stored one.
        name: File name, of which the base is the meter where no column says so.
        write: How lines become bytes; None for plain UTF-8 text.
        ending: The ending of its name.
    """

    kind: Kind
    lines: list[Line]
    clock: str
    delimiter: str
    scale: float = 1.0
    name: str = "base"
    newline: str = "\n"
    write: Callable[[str], bytes] | None = None
    ending: str = ".csv"


Column = tuple[str, str]
"""Title and role of a column."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """How a sound file is made.

    Attributes:
        kind: Its flow.
        columns: Titles and roles: meter, customer, when, date, time, a field, or nothing.
        start: First instant.
        minutes: Interval.
        count: Rows of each meter.
        meters: Meters, each with its customer.
        clock: The clock setting.
        dates: Pattern of days, or of whole times where one column holds both.
        mark: Decimal mark.
        scale: Of the main field, to the stored unit.
    """

    kind: Kind
    columns: tuple[Column, ...]
    start: datetime
    minutes: int
    count: int = 30
    meters: tuple[tuple[str, str], ...] = (("base", ""),)
    clock: str = "utc"
    dates: str = "%Y-%m-%d %H:%M"
    delimiter: str = ","
    mark: str = "."
    scale: float = 1.0

    def table(self) -> Table:
        """A fresh table; meters take turns."""
        header = Line(
            cells=[Cell(title) for title, _ in self.columns], roles=[r for _, r in self.columns]
        )
        columns = [
            self._rows(meter, customer, i) for i, (meter, customer) in enumerate(self.meters)
        ]
        rows = [line for group in zip(*columns, strict=True) for line in group]
        return Table(
            kind=self.kind, lines=[header, *rows], clock=self.clock, delimiter=self.delimiter,
            scale=self.scale,
        )  # fmt: skip

    def _rows(self, meter: str, customer: str, index: int) -> list[Line]:
        used = amounts(self.count, first=3 * index)
        texts = {
            "consumption": used,
            "register": registers(used, start=f"{500 + 311 * index}.25"),
            "import_kwh": registers(used, start=f"{2000 + 977 * index}.5"),
            "avg_import_kw": [f"{float(amount) * 60 / self.minutes:.2f}" for amount in used],
            "temperature_c": [f"{8 + i % 9}.5" for i in range(self.count)],
            "power_factor": [f"0.9{i % 8}" for i in range(self.count)],
            "phase_a_voltage": [f"23{i % 5}.4" for i in range(self.count)],
        }
        lines = []
        for i, instant in enumerate(steps(self.start, self.count, self.minutes)):
            wall = instant.astimezone(zone_of(self.clock))
            plain = {
                "meter": meter, "customer": customer, "when": f"{wall:{self.dates}}",
                "date": f"{wall:{self.dates}}", "time": f"{wall:%H:%M}", "": "ok",
                **{name: column[i].replace(".", self.mark) for name, column in texts.items()},
            }  # fmt: skip
            cells = [Cell(plain[role], origin=role) for _, role in self.columns]
            values = {
                role: float(texts[role][i]) * (self.scale if role in MAIN else 1.0)
                for _, role in self.columns
                if role in texts
            }
            lines.append(Line(cells, Meaning(meter, customer, instant, values)))
        return lines


BASES: dict[str, Base] = {
    "a plain load profile": Base(
        kind="load_profiles", start=utc(2026, 4, 20), minutes=30, clock="standard:+05:30",
        columns=(("SERIAL", "meter"), ("CUSTOMER_REF", "customer"), ("DATE", "date"),
                 ("TIME", "time"), ("IMPORT_KWH (kWh)", "import_kwh"),
                 ("AVG._IMPORT_KW (kW)", "avg_import_kw"), ("POWER_FACTOR", "power_factor")),
        meters=(("90000001", "77001"),), dates="%Y-%m-%d",
    ),
    "a continental load profile": Base(
        kind="load_profiles", start=utc(2026, 1, 24), minutes=60, delimiter=";", mark=",",
        columns=(("SERIAL", "meter"), ("CUSTOMER_REF", "customer"), ("Read At", "when"),
                 ("IMPORT_KWH", "import_kwh"), ("PHASE_A_INST._VOLTAGE (V)", "phase_a_voltage")),
        meters=(("90000001", "77001"),), dates="%d.%m.%Y %H:%M",
    ),
    "load profiles of three meters in turn": Base(
        kind="load_profiles", start=utc(2025, 11, 28), minutes=15, count=24,
        columns=(("SERIAL", "meter"), ("CUSTOMER_REF", "customer"), ("DateTime", "when"),
                 ("AVG._IMPORT_KW (kW)", "avg_import_kw"), ("IMPORT_KWH (kWh)", "import_kwh")),
        meters=(("501", "A-1"), ("502", "A-2"), ("503", "B-1")), dates="%Y-%m-%dT%H:%M:%SZ",
    ),
    "hours of electricity with temperatures": Base(
        kind="electricity", start=utc(2026, 3, 30), minutes=60, clock="standard:+02:00",
        columns=(("DateTime", "when"), ("Consumption (kWh)", "consumption"),
                 ("Temperature (°C)", "temperature_c")),
    ),
    "days of water": Base(
        kind="water", start=utc(2026, 2, 10), minutes=1440, delimiter=";", mark=",",
        columns=(("Date", "when"), ("Verbrauch", ""), ("Consumption (m3)", "consumption")),
        dates="%d.%m.%Y",
    ),
    "electricity of two meters": Base(
        kind="electricity", start=utc(2026, 5, 1), minutes=30, count=24,
        columns=(("Meter ID", "meter"), ("DateTime", "when"), ("Usage (kWh)", "consumption"),
                 ("Quality", "")),
        meters=(("00017", ""), ("00018", "")),
    ),
    "a water register": Base(
        kind="water", start=utc(2025, 9, 29), minutes=60,
        columns=(("DateTime", "when"), ("Meter Reading (m3)", "register"), ("Diff", "")),
        dates="%Y-%m-%d %H:%M:%S",
    ),
    "watt hours, month first": Base(
        kind="electricity", start=utc(2026, 1, 27), minutes=60, delimiter="\t", scale=1e-3,
        columns=(("Date and Time", "when"), ("Consumption (Wh)", "consumption")),
        dates="%m/%d/%Y %H:%M",
    ),
    "water in two columns of time": Base(
        kind="water", start=utc(2026, 4, 14), minutes=15, delimiter="|",
        columns=(("Date", "date"), ("Time", "time"), ("Volume (m3)", "consumption"),
                 ("Note", "")),
        dates="%d/%m/%Y", clock="local:Europe/Madrid",
    ),
}  # fmt: skip
"""The sound files."""
