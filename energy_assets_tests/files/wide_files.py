"""Wide files: one row a day and one column for each part of it."""

from datetime import timedelta
from itertools import pairwise

from energy_assets_tests.files.builders import Sample, comma, text, utc
from energy_assets_tests.files.cases import Case, Either, Rows, Taken
from energy_assets_tests.files.header_units import converted
from energy_assets_tests.files.workbooks import xlsx

SAMPLES = (
    Sample(kind="electricity", start=utc(2026, 4, 27), count=10 * 48, minutes=30, meter="tower"),
    Sample(kind="water", start=utc(2025, 12, 29), count=8 * 24, minutes=60, meter="spa"),
    Sample(kind="electricity", start=utc(2026, 1, 30), count=6 * 96, minutes=15, meter="plant"),
)


def parts(sample: Sample) -> int:
    """Parts of a day."""
    return 1440 // sample.minutes


def days_of(sample: Sample, pattern: str = "%Y-%m-%d") -> list[list[str]]:
    """A row for each day: its date, then its values."""
    size = parts(sample)
    return [
        [f"{sample.walls[i]:{pattern}}", *sample.values[i : i + size]]
        for i in range(0, sample.count, size)
    ]


def titles(sample: Sample, style: str) -> list[str]:
    """Headers of the parts of a day."""
    step, size = sample.minutes, parts(sample)
    clock = [f"{i * step // 60:02d}:{i * step % 60:02d}" for i in range(size + 1)]
    clock[-1] = "24:00"
    styles = {
        "starts": clock[:-1],
        "starts with seconds": [f"{each}:00" for each in clock[:-1]],
        "short starts": [each.lstrip("0") if each[1] != ":" else each for each in clock[:-1]],
        "spans": [f"{a}-{b}" for a, b in pairwise(clock)],
        "spaced spans": [f"{a} - {b}" for a, b in pairwise(clock)],
        "ends": clock[1:],
        "numbers": [str(i + 1) for i in range(size)],
        "HH numbers": [f"HH{i + 1:02d}" for i in range(size)],
        "H numbers": [f"H{i + 1}" for i in range(size)],
        "numbers with unit": [f"kWh_{i + 1}" for i in range(size)],
    }
    return styles[style]


def by_style() -> list[Case]:
    """How the columns are called."""
    cases = []
    sure = {"starts", "starts with seconds", "spans"}
    for sample in SAMPLES:
        for style in (
            "starts", "starts with seconds", "spans", "spaced spans", "ends", "numbers",
            "HH numbers", "H numbers", "numbers with unit",
        ):  # fmt: skip
            header = ["Date", *titles(sample, style)]
            data = text(header, days_of(sample))
            expect = Taken(rows=sample.rows) if style in sure else Either(rows=sample.rows)
            name = f"{parts(sample)} columns a day, called by {style}"
            cases.append(sample.case(name, data, expect))
    return cases


def variants() -> list[Case]:
    """Orders of dates, decimal commas, meters, gaps, totals, units, workbooks."""
    cases = []
    for sample in SAMPLES:
        size = parts(sample)
        columns = titles(sample, "starts")
        header = ["Date", *columns]
        dotted = [
            [row[0], *(comma(value) for value in row[1:])] for row in days_of(sample, "%d.%m.%Y")
        ]
        data = text(header, dotted, delimiter=";")
        cases.append(sample.case(f"{size} columns a day, continental", data))
        slashes = text(header, days_of(sample, "%m/%d/%Y"))
        cases.append(sample.case(f"{size} columns a day, month first", slashes))
        other = sample.moved(sample.start, meter="annex", first=3)
        rows = [[each.meter, *row] for each in (sample, other) for row in days_of(each)]
        both: Rows = {**sample.rows, **other.rows}
        data = text(["Meter ID", *header], rows)
        cases.append(
            sample.case(f"{size} columns a day of two meters", data, Taken(rows=both),
                        file="both.csv")
        )  # fmt: skip
        holes = days_of(sample)
        holes[1][5], holes[2][9] = "", "n/a"
        keys = list(sample.rows)
        lost = {keys[size + 4], keys[2 * size + 8]}
        kept = {key: row for key, row in sample.rows.items() if key not in lost}
        expect = Either(rows={}, certain=kept, may_refuse=False)
        data = text(header, holes)
        cases.append(sample.case(f"{size} columns a day with two holes", data, expect))
        broken = days_of(sample)
        broken[1][5] = "abc"
        but_one = {k: row for k, row in sample.rows.items() if k != keys[size + 4]}
        # The cell may take its whole day with it, but no other.
        day = {k: sample.rows[k] for k in keys[size : 2 * size] if k != keys[size + 4]}
        rest = {k: row for k, row in but_one.items() if k not in day}
        expect = Either(rows=day, certain=rest, may_refuse=False, repeats=True)
        data = text(header, broken)
        cases.append(sample.case(f"{size} columns a day with a broken cell", data, expect))
        totals = [[*row, f"{sum(map(float, row[1:])):.2f}"] for row in days_of(sample)]
        data = text([*header, "Total"], totals)
        cases.append(sample.case(f"{size} columns a day and their total", data))
        milli = "Wh" if sample.kind == "electricity" else "l"
        united = ["Date", *(f"{each} ({milli})" for each in columns)]
        expect = Either(rows=converted(sample, 1e-3))
        data = text(united, days_of(sample))
        cases.append(sample.case(f"{size} columns a day in {milli}", data, expect))
        cells = [[row[0], *map(float, row[1:])] for row in days_of(sample)]
        book = xlsx({"Days": [header, *cells]})
        cases.append(sample.case(f"{size} columns a day in a workbook", book, ending=".xlsx"))
    return cases


def profiles() -> list[Case]:
    """Mean powers of load profiles, one row a day: 00:30 is the end of the first half hour."""
    cases = []
    for start, minutes in ((utc(2026, 2, 24), 30), (utc(2025, 10, 4), 60), (utc(2026, 5, 6), 15)):
        sample = Sample(
            kind="load_profiles", start=start + timedelta(minutes=minutes),
            count=4 * 1440 // minutes, minutes=minutes,
        )  # fmt: skip
        size = parts(sample)
        powers = [f"{1.5 + i % 7 / 4:.2f}" for i in range(sample.count)]
        days = [f"{start + timedelta(days=day):%Y-%m-%d}" for day in range(4)]
        rows = [
            [*sample.owner, day, *powers[i * size : (i + 1) * size]] for i, day in enumerate(days)
        ]
        header = ["SERIAL", "CUSTOMER_REF", "DATE", *titles(sample, "spans")]
        data = text(header, rows)
        stored = sample.stored([float(power) for power in powers], field="avg_import_kw")
        # Without a quantity in any header it may be refused.
        cases.append(
            sample.case(f"{size} columns a day of a load profile", data, Either(rows=stored))
        )
    return cases


def clock_changes() -> list[Case]:
    """Days of 23 and 25 hours in a file of 24 columns a day."""
    cases = []
    for kind, clock, start, count in (
        ("electricity", "local:Europe/London", utc(2025, 10, 24, 23), 24 * 4 + 1),
        ("water", "local:America/New_York", utc(2026, 3, 7, 5), 24 * 3 - 1),
        ("electricity", "local:Europe/Berlin", utc(2026, 3, 27, 23), 24 * 3 - 1),
    ):  # fmt: skip
        sample = Sample(kind=kind, start=start, count=count, minutes=60, clock=clock, meter="dst")  # type: ignore[arg-type]
        days: dict[str, list[str]] = {}
        repeated: set[int] = set()
        for i, (wall, value) in enumerate(zip(sample.walls, sample.values, strict=True)):
            cells = days.setdefault(f"{wall:%Y-%m-%d}", [""] * 24)
            # A file of 24 columns has no place for the second pass.
            if cells[wall.hour]:
                repeated.add(i)
            else:
                cells[wall.hour] = value
        rows = [[day, *cells] for day, cells in days.items()]
        data = text(["Date", *titles(sample, "starts")], rows)
        keys = list(sample.rows)
        kept = {key: sample.rows[key] for i, key in enumerate(keys) if i not in repeated}
        name = f"24 columns a day over the change of {clock[6:]}"
        cases.append(sample.case(name, data, Either(rows={}, certain=kept)))
    return cases


CASES = [*by_style(), *variants(), *profiles(), *clock_changes()]
