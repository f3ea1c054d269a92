"""Cells beside the one that counts: a faulty one is left out and counted, its row is kept."""

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Row, Rows, Taken

PROFILE = Sample(kind="load_profiles", start=utc(2026, 4, 15), count=60, minutes=30)
POINTS = (
    Sample(kind="electricity", start=utc(2026, 1, 5), count=60, minutes=60, meter="office"),
    Sample(kind="water", start=utc(2025, 9, 28), count=60, minutes=15, meter="fountain"),
)
FAULTY = (7, 21, 40)
"""Rows with a faulty cell."""
EXTRAS: dict[str, tuple[str, str]] = {
    "power_factor": ("POWER_FACTOR", "0.97"),
    "export_kwh": ("EXPORT_KWH (kWh)", "12.5"),
    "phase_a_voltage": ("PHASE_A_INST._VOLTAGE (V)", "231.5"),
    "avg_current": ("AVG._CURRENT (A)", "4.25"),
    "import_kvarh": ("IMPORT_KVARH (kvarh)", "33.125"),
}
"""Columns of load profiles, each with a sound value."""
EMPTY = ("-", "n/a", "   ", "N/A", "--", "null", "")
"""Cells that say that there is no value."""


def with_extra(sample: Sample, field: str, good: float, *, faulty: Rows | None = None) -> Rows:
    """Rows that hold one more field, except where a cell was faulty."""
    rows: Rows = {}
    for i, (key, row) in enumerate(sample.rows.items()):
        assert isinstance(row, dict)
        rows[key] = row if i in FAULTY else {**row, field: good}
    return {**rows, **(faulty or {})}


def with_cell(sample: Sample, header: str, good: str, bad: str) -> bytes:
    """The file with one more column, in which some cells are faulty."""
    rows = [[*row, bad if i in FAULTY else good] for i, row in enumerate(sample.table())]
    return text([*sample.header(), header], rows)


def load_profile_cells() -> list[Case]:
    """Faulty cells beside a register."""
    cases = []
    faults = {
        "power_factor": ("98", "abc", "-5"), "export_kwh": ("-3.2", "#REF!", "1,2,3"),
        "phase_a_voltage": ("-9999", "NaN", "231.5 V?"), "avg_current": ("inf", "1e9", "x"),
        "import_kvarh": ("-0.5", "1e300", "?"),
    }  # fmt: skip
    for field, cells in faults.items():
        header, good = EXTRAS[field]
        for bad in cells:
            cell = f'"{bad}"' if "," in bad else bad
            data = with_cell(PROFILE, header, good, cell)
            rows = with_extra(PROFILE, field, float(good))
            expect = Taken(rows=rows, dropped=len(FAULTY))
            cases.append(PROFILE.case(f"{bad!r} in {header} is left out", data, expect))
    for index, blank in enumerate(EMPTY):
        field = list(EXTRAS)[index % len(EXTRAS)]
        header, good = EXTRAS[field]
        data = with_cell(PROFILE, header, good, blank)
        expect = Taken(rows=with_extra(PROFILE, field, float(good)))
        cases.append(PROFILE.case(f"{blank!r} in {header} is no value", data, expect))
    return cases


def temperatures() -> list[Case]:
    """Faulty temperatures beside a consumption."""
    cases = []
    for sample in POINTS:
        for bad in ("-9999", "NaN", "hot", "999", "#N/A!", "12:30"):
            data = with_cell(sample, "Temperature (°C)", "14.5", bad)
            expect = Taken(rows=with_extra(sample, "temperature_c", 14.5), dropped=len(FAULTY))
            cases.append(sample.case(f"the temperature {bad!r} is left out", data, expect))
        for blank in EMPTY:
            data = with_cell(sample, "Temperature", "14.5", blank)
            expect = Taken(rows=with_extra(sample, "temperature_c", 14.5))
            cases.append(sample.case(f"the temperature {blank!r} is no value", data, expect))
        broken = [[*row, "n/a"] for row in sample.table()]
        data = text([*sample.header(), "Temperature"], broken)
        cases.append(sample.case("no temperature in a whole column", data))
    return cases


def fahrenheit() -> list[Case]:
    """Temperatures in °F whose header does not say so are never stored as °C."""
    cases = []
    for sample in POINTS:
        for low, what in ((58, "a mild week"), (72, "a hot week"), (66, "a summer night and day")):
            degrees = [low + (i * 5) % 27 for i in range(sample.count)]
            rows = [[*row, str(t)] for row, t in zip(sample.table(), degrees, strict=True)]
            data = text([*sample.header(), "Temperature"], rows)
            stored: Rows = {}
            for (key, row), degree in zip(sample.rows.items(), degrees, strict=True):
                assert isinstance(row, dict)
                celsius: Row = {**row, "temperature_c": (degree - 32) / 1.8}
                stored[key] = (row, celsius)
            name = f"°F without a unit, {what}"
            cases.append(sample.case(name, data, Either(rows={}, certain=stored)))
        stated = [[*row, "68"] for row in sample.table()]
        data = text([*sample.header(), "Temperature (°F)"], stated)
        stored = {k: {**r, "temperature_c": 20.0} for k, r in sample.rows.items()}  # type: ignore[dict-item]
        cases.append(sample.case("°F with its unit", data, Taken(rows=stored)))
        warm = [[*row, f"{18 + i % 15}.5"] for i, row in enumerate(sample.table())]
        data = text([*sample.header(), "Temperature"], warm)
        stored = {
            k: {**r, "temperature_c": 18.5 + i % 15}  # type: ignore[dict-item]
            for i, (k, r) in enumerate(sample.rows.items())
        }
        cases.append(sample.case("a warm week in °C without a unit", data, Taken(rows=stored)))
    return cases


def needed_cells() -> list[Case]:
    """The cell that counts is never left out: its row is refused."""
    cases = []
    for sample in (PROFILE, *POINTS):
        for bad in ("abc", "NaN", "", "#VALUE!", "1.2.3", "-", "12:30"):
            rows = sample.table()
            for i in FAULTY:
                rows[i][-1] = bad
            keys = list(sample.rows)
            lost = {keys[i] for i in FAULTY}
            kept = {key: row for key, row in sample.rows.items() if key not in lost}
            expect = Taken(rows=kept, quarantined={i + 2 for i in FAULTY})
            name = f"{bad!r} where the value should be"
            cases.append(sample.case(name, text(sample.header(), rows), expect))
    return cases


def exports() -> list[Case]:
    """Net metering: a negative hour is energy that went out, no gap and no fault."""
    cases = []
    for start, minutes, zone in (
        (utc(2026, 4, 10), 60, "utc"), (utc(2025, 12, 5), 30, "local:Europe/Berlin"),
        (utc(2026, 3, 1), 15, "utc"),
    ):  # fmt: skip
        sample = Sample(
            kind="electricity", start=start, count=96, minutes=minutes, clock=zone, meter="roof"
        )
        values = [f"-{v}" if 30 <= i < 45 else v for i, v in enumerate(sample.values)]
        data = text(sample.header(), sample.table(values=values))
        rows: Rows = {}
        for (key, row), value in zip(sample.rows.items(), values, strict=True):
            out = -float(value)
            split: tuple[Row, ...] = tuple(
                {"consumption": 0.0, name: out} for name in ("export", "exported", "export_kwh")
            )
            rows[key] = row if out < 0 else ({"consumption": -out}, *split)
        cases.append(
            sample.case(
                f"negative values of {minutes} min are energy exported", data, Taken(rows=rows)
            )
        )
    for start in (utc(2026, 2, 2), utc(2025, 11, 1), utc(2026, 5, 1)):
        sample = POINTS[1].moved(start)
        values = [f"-{v}" if i in FAULTY else v for i, v in enumerate(sample.values)]
        keys = list(sample.rows)
        lost = {keys[i] for i in FAULTY}
        kept = {key: row for key, row in sample.rows.items() if key not in lost}
        expect = Taken(rows=kept, quarantined={i + 2 for i in FAULTY})
        data = text(sample.header(), sample.table(values=values))
        cases.append(sample.case(f"negative water of {start:%B} is refused", data, expect))
    return cases


CASES = [
    *load_profile_cells(), *temperatures(), *fahrenheit(), *needed_cells(), *exports()
]  # fmt: skip
