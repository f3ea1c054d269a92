"""Days beside a column of hours, periods or pairs of times: understood, or refused and named."""

from dataclasses import replace
from datetime import timedelta

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Taken

ELECTRICITY = Sample(
    kind="electricity", start=utc(2026, 4, 20), count=168, minutes=60, meter="bakery"
)
WATER = Sample(kind="water", start=utc(2025, 12, 8), count=168, minutes=60, meter="laundry")
PROFILE = Sample(kind="load_profiles", start=utc(2026, 2, 2, 1), count=168, minutes=60)
HOURLY = (ELECTRICITY, WATER)
STEADY = tuple(replace(sample, flat="0.5") for sample in HOURLY)
"""The same value every hour: hours that are taken for one day are equal rows."""


def rows_of(sample: Sample, cells: list[tuple[str, ...]]) -> list[list[str]]:
    """Rows of owner, the given cells, value."""
    return [[*sample.owner, *cell, value] for cell, value in zip(cells, sample.values, strict=True)]


def day_and(sample: Sample, spell: object, *, shift: int = 0) -> list[tuple[str, ...]]:
    """The day on which an interval lies and its number on that day."""
    cells = []
    for wall in sample.walls:
        begin = wall - timedelta(minutes=shift)
        number = (begin.hour * 60 + begin.minute) // sample.minutes
        cells.append((f"{begin:%Y-%m-%d}", spell(number)))  # type: ignore[operator]
    return cells


def numbered_hours() -> list[Case]:
    """Hours by number, from 0 or from 1."""
    spellings = [
        ("Hour", str, "0 to 23"), ("Hour", lambda n: str(n + 1), "1 to 24"),
        ("HE", lambda n: str(n + 1), "1 to 24"),
        ("Hour Ending", lambda n: f"{n + 1:02d}:00", "01:00 to 24:00"),
        ("Hour", lambda n: f"HE{n + 1:02d}", "HE01 to HE24"),
        ("Hour", lambda n: f"{n:02d}:00", "00:00 to 23:00"),
        ("Hour of day", lambda n: f"{n} h", "0 h to 23 h"),
        ("Interval", lambda n: str(n + 1), "1 to 24"),
        ("HOUR_NUMBER", lambda n: f"H{n + 1}", "H1 to H24"),
    ]  # fmt: skip
    cases = []
    for sample in (*HOURLY, *STEADY):
        for header, spell, what in spellings:
            data = text(sample.header("Date", header), rows_of(sample, day_and(sample, spell)))
            expect = Either(rows=sample.rows)
            how = " of a steady meter" if sample.flat else ""
            cases.append(sample.case(f"a day beside {header!r}, {what}{how}", data, expect))
    for header, spell, what in spellings[1:4]:
        cells = day_and(PROFILE, spell, shift=60)
        data = text(PROFILE.header("DATE", header), rows_of(PROFILE, cells))
        name = f"a day beside {header!r}, {what}, read at the end"
        cases.append(PROFILE.case(name, data, Either(rows=PROFILE.rows)))
    return cases


def numbered_periods() -> list[Case]:
    """Half hours and quarter hours by number."""
    cases = []
    for sample, minutes in ((ELECTRICITY, 30), (WATER, 15), (ELECTRICITY, 15)):
        finer = sample.moved(sample.start, minutes=minutes, count=4 * 1440 // minutes)
        for header in ("Interval", "Period", "Settlement Period"):
            cells = day_and(finer, lambda n: str(n + 1))
            data = text(finer.header("Date", header), rows_of(finer, cells))
            name = f"a day beside {header!r} of {minutes} min"
            cases.append(finer.case(name, data, Either(rows=finer.rows)))
    return cases


def pairs() -> list[Case]:
    """Start and end stand in two columns."""
    cases = []
    for sample in HOURLY:
        for minutes in (30, 60):
            finer = sample.moved(sample.start, minutes=minutes, count=3 * 1440 // minutes)
            ends = [wall + timedelta(minutes=minutes) for wall in finer.walls]
            lasts = [wall + timedelta(minutes=minutes - 1) for wall in finer.walls]
            walls = finer.walls
            known = [
                ("Interval Start", "Interval End", "%Y-%m-%d %H:%M", ends),
                ("Start", "End", "%Y-%m-%d %H:%M:%S", ends),
                ("Start Time", "End Time", "%d/%m/%Y %H:%M", ends),
                ("From", "To", "%Y-%m-%d %H:%M", ends),
            ]
            for start, end, pattern, others in known:
                cells = [
                    (f"{a:{pattern}}", f"{b:{pattern}}") for a, b in zip(walls, others, strict=True)
                ]
                data = text(finer.header(start, end), rows_of(finer, cells))
                expect = Either(rows=finer.rows) if start == "From" else Taken(rows=finer.rows)
                cases.append(
                    finer.case(f"{start} and {end} of {minutes} min are a pair", data, expect)
                )
            cells = [
                (f"{a:%Y-%m-%d}", f"{a:%H:%M}", f"{b:%H:%M}")
                for a, b in zip(walls, lasts, strict=True)
            ]
            data = text(finer.header("DATE", "START TIME", "END TIME"), rows_of(finer, cells))
            name = f"a day with START TIME and END TIME of {minutes} min"
            cases.append(finer.case(name, data))
            spans = [
                (f"{a:%Y-%m-%d}", f"{a:%H:%M} - {b:%H:%M}")
                for a, b in zip(walls, ends, strict=True)
            ]
            data = text(finer.header("Date", "Time Period"), rows_of(finer, spans))
            name = f"a day beside spans of {minutes} min"
            cases.append(finer.case(name, data, Either(rows=finer.rows)))
    ends = [f"{wall:%Y-%m-%d %H:%M}" for wall in PROFILE.walls]
    starts = [f"{wall - timedelta(hours=1):%Y-%m-%d %H:%M}" for wall in PROFILE.walls]
    cells = list(zip(starts, ends, strict=True))
    data = text(PROFILE.header("Interval Start", "Interval End"), rows_of(PROFILE, cells))
    name = "a register beside both ends of its interval is read at the end"
    cases.append(PROFILE.case(name, data, Either(rows=PROFILE.rows)))
    return cases


def nameless_times() -> list[Case]:
    """Many rows a day, and nothing that could be a time."""
    cases = []
    for sample in (*HOURLY, PROFILE):
        shifts = day_and(sample, lambda n: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n])
        data = text(sample.header("Date", "Slot"), rows_of(sample, shifts))
        names = () if sample.kind == "load_profiles" else ("slot",)
        cases.append(sample.case("a day beside letters for hours", data, Refused(names=names)))
        bare = [(day,) for day, _ in shifts]
        data = text(sample.header("Date"), rows_of(sample, bare))
        cases.append(sample.case("24 rows a day and no time", data, Either(rows={}, repeats=True)))
    for sample in HOURLY:
        daily = sample.moved(sample.start, minutes=1440, count=30)
        cells = [(f"{wall:%Y-%m-%d}", "ok") for wall in daily.walls]
        data = text(daily.header("Date", "Quality"), rows_of(daily, cells))
        cases.append(daily.case("daily values beside a remark are daily values", data))
        hours = [(f"{wall:%Y-%m-%d}", "0") for wall in daily.walls]
        data = text(daily.header("Date", "Hour"), rows_of(daily, hours))
        name = "daily values beside an hour that is always 0"
        cases.append(daily.case(name, data, Either(rows=daily.rows)))
    return cases


CASES = [*numbered_hours(), *numbered_periods(), *pairs(), *nameless_times()]
