"""How days are written: orders, names, epochs, zones, and what decides late or never."""

from datetime import datetime, timedelta

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Rows, Taken

PROFILE = Sample(
    kind="load_profiles", start=utc(2026, 3, 1), count=20 * 96, minutes=15, clock="standard:+00:00"
)
"""Twenty days of quarter hours: day 13 comes after 1,152 rows."""
ELECTRICITY = Sample(
    kind="electricity", start=utc(2026, 4, 1), count=20 * 48, minutes=30, meter="house"
)
WATER = Sample(kind="water", start=utc(2025, 9, 1), count=26 * 24, minutes=60, meter="pump")
WHOLE = (PROFILE, ELECTRICITY, WATER)
SHORT = (
    PROFILE.moved(utc(2026, 5, 11), count=5 * 96),
    ELECTRICITY.moved(utc(2026, 1, 20), count=4 * 48),
    WATER.moved(utc(2025, 12, 29), count=5 * 24),
)
"""Days that leave no doubt within a hundred rows."""


def late_proofs() -> list[Case]:
    """The number above 12 comes after hundreds of rows."""
    orders = [
        ("%d/%m/%Y %H:%M", "day first"), ("%m/%d/%Y %H:%M", "month first"),
        ("%d.%m.%Y %H:%M", "day first with points"), ("%d-%m-%y %H:%M", "day first, short years"),
        ("%m/%d/%y %H:%M", "month first, short years"),
    ]  # fmt: skip
    return [
        sample.case(f"{what}, proven after many rows", text(sample.header(), sample.table(pattern)))
        for sample in WHOLE
        for pattern, what in orders
    ]


def plain_spellings() -> list[Case]:
    """Spellings that mean one day only."""
    spellings = [
        "%d/%m/%y %H:%M", "%m/%d/%y %H:%M", "%d-%b-%Y %H:%M", "%d %B %Y %H:%M:%S",
        "%b %d, %Y %H:%M", "%B %d, %Y %I:%M %p", "%Y/%m/%d %H:%M", "%Y%m%d %H:%M",
        "%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%dT%H:%M:%S+00:00",
        "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S UTC", "%a %d %b %Y %H:%M",
    ]  # fmt: skip
    cases = []
    for index, pattern in enumerate(spellings):
        sample = SHORT[index % 3]
        delimiter = ";" if "," in pattern else ","
        data = text(sample.header(), sample.table(pattern), delimiter=delimiter)
        cases.append(sample.case(f"days are written {pattern!r}", data))
        other = SHORT[(index + 1) % 3]
        date, _, time = pattern.partition(" %H") if " %H" in pattern else (pattern, "", "")
        if time and "UTC" not in time:
            rows = other.table(date, f"%H{time}")
            data = text(other.header("Date", "Time"), rows, delimiter=delimiter)
            cases.append(other.case(f"date and time in two columns, {pattern!r}", data))
    return cases


def epochs() -> list[Case]:
    """Unix seconds and milliseconds."""
    cases = []
    for sample in SHORT:
        for unit, factor in (("seconds", 1), ("milliseconds", 1_000)):
            rows = [
                [*sample.owner, str(int(instant.timestamp()) * factor), value]
                for instant, value in zip(sample.instants, sample.values, strict=True)
            ]
            cases.append(
                sample.case(f"times are Unix {unit}", text(sample.header("Timestamp"), rows))
            )
    return cases


def zone_names() -> list[Case]:
    """`CET` and `CEST` behind each time, over a clock change and without one."""
    cases = []
    for kind, start in (
        ("electricity", utc(2025, 10, 25, 12)), ("water", utc(2026, 3, 28, 12)),
        ("load_profiles", utc(2025, 10, 25, 12)),
    ):  # fmt: skip
        sample = Sample(
            kind=kind, start=start, count=36, minutes=60, clock="local:Europe/Berlin", meter="77"
        )  # type: ignore[arg-type]
        data = text(sample.header(), sample.table("%Y-%m-%d %H:%M %Z"))
        cases.append(sample.case("CET and CEST stand behind each time", data))
        iso = [f"{wall:%Y-%m-%d %H:%M:%S%z}" for wall in sample.walls]
        rows = [[*sample.owner, *cell] for cell in zip(iso, sample.values, strict=True)]
        cases.append(
            sample.case("+0100 and +0200 stand behind each time", text(sample.header(), rows))
        )
    return cases


def changes_of_order() -> list[Case]:
    """The order of day and month changes inside the file: what is doubtful is not stored."""
    cases = []
    for sample in WHOLE:
        half = sample.count // 2
        for before, after in (
            ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
            ("%m/%d/%y %H:%M", "%d/%m/%y %H:%M"),
        ):
            rows = [*sample.table(before)[:half], *sample.table(after)[half:]]
            data = text(sample.header(), rows)
            expect = Either(rows=sample.rows)
            cases.append(sample.case(f"{before[:5]} becomes {after[:5]} half way", data, expect))
        iso = [*sample.table("%d/%m/%Y %H:%M")[:half], *sample.table("%Y-%m-%d %H:%M")[half:]]
        data = text(sample.header(), iso)
        cases.append(sample.case("day first becomes ISO half way", data, Either(rows=sample.rows)))
    return cases


def changes_with_the_month() -> list[Case]:
    """Days 20 to 31 prove one order; days 1 to 12 of the next month stand in the other."""
    cases = []
    starts = (utc(2026, 3, 20), utc(2025, 12, 20), utc(2026, 1, 20))
    for sample, start in zip(WHOLE, starts, strict=True):
        whole = sample.moved(start, count=24 * 24, minutes=60)
        half = whole.count // 2
        for before, after in (
            ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"),
        ):  # fmt: skip
            rows = [*whole.table(before)[:half], *whole.table(after)[half:]]
            name = f"{before[:5]} to the end of the month, then {after[:5]}"
            data = text(whole.header(), rows)
            cases.append(whole.case(name, data, Either(rows=whole.rows)))
    return cases


def undecided() -> list[Case]:
    """Nothing decides between two readings."""
    cases = []
    for sample, day in (
        (SHORT[0], utc(2026, 3, 4)),
        (SHORT[1], utc(2026, 2, 5)),
        (SHORT[2], utc(2025, 8, 7)),
    ):
        one = sample.moved(day, count=12, minutes=60)
        data = text(one.header(), one.table("%d/%m/%Y %H:%M"))
        names = (f"{day:%d/%m/%Y}",)
        cases.append(one.case("a single day that can be read twice", data, Refused(names=names)))
    sample = WATER.moved(utc(2026, 1, 2), count=4)
    days = [datetime(2026, month, day) for month, day in ((1, 2), (3, 5), (7, 4), (9, 11))]  # noqa: DTZ001
    rows = [
        [f"{day:%d/%m/%Y} 00:00", value] for day, value in zip(days, sample.values, strict=True)
    ]
    data = text(sample.header(), rows)
    cases.append(
        sample.case("scattered days that can be read twice", data, Refused(names=("02/01/2026",)))
    )
    return cases


def strays() -> list[Case]:
    """A few days against the order of the rest."""
    cases = []
    for sample in SHORT:
        rows = sample.table("%d/%m/%Y %H:%M")
        rows[40][len(sample.owner)] = f"{sample.walls[40]:%m/%d/%Y %H:%M}"
        key = (sample.meter, sample.instants[40])
        rest: Rows = {k: row for k, row in sample.rows.items() if k != key}
        expect = Either(rows={key: sample.rows[key]}, certain=rest)
        cases.append(
            sample.case("one day stands against the order", text(sample.header(), rows), expect)
        )
    return cases


def daily() -> list[Case]:
    """Daily values have days alone."""
    cases = []
    for pattern, month in (
        ("%d/%m/%Y", 1),
        ("%m/%d/%Y", 3),
        ("%d.%m.%y", 2),
        ("%b %d, %Y", 4),
        ("%Y%m%d", 3),
    ):
        sample = WATER.moved(utc(2026, month, 1), count=30, minutes=1440)
        data = text(sample.header("Date"), sample.table(pattern), delimiter=";")
        cases.append(sample.case(f"daily values of month {month}, {pattern!r}", data))
    return cases


def ahead_of_arrival() -> list[Case]:
    """Rows later than the file itself: no meter reads ahead beyond a clock's skew."""
    cases = []
    for sample in SHORT:
        arrives = sample.instants[-1] + timedelta(minutes=5)
        rows = sample.table()
        later = arrives + timedelta(hours=30)
        rows[30][len(sample.owner)] = f"{later:%Y-%m-%d %H:%M}"
        keys = list(sample.rows)
        rest: Rows = {key: sample.rows[key] for key in keys if key != keys[30]}
        expect = Taken(rows=rest, quarantined={32})
        data = text(sample.header(), rows)
        name = "a typo one day ahead of the file's arrival"
        cases.append(sample.case(name, data, expect, arrives=arrives))
        skewed = sample.instants[-1] - timedelta(minutes=10)
        cases.append(
            sample.case("a clock ten minutes ahead is no fault", sample.text(), arrives=skewed)
        )
        early = sample.instants[-1] - timedelta(minutes=4 * sample.minutes)
        ahead = [
            i for i in range(sample.count) if sample.instants[i] > early + timedelta(minutes=15)
        ]
        kept: Rows = {key: sample.rows[key] for i, key in enumerate(keys) if i not in ahead}
        # Beyond the skew it is refused; an interval that has begun but not ended is as well.
        expect_early = Either(
            rows={keys[i]: sample.rows[keys[i]] for i in range(min(ahead) - 2, min(ahead))},
            certain={key: kept[key] for key in list(kept)[:-2]}, may_refuse=False,
        )  # fmt: skip
        cases.append(
            sample.case("rows ahead of the file's arrival are refused", sample.text(), expect_early,
                        arrives=early)
        )  # fmt: skip
    return cases


CASES = [
    *late_proofs(),
    *plain_spellings(),
    *epochs(),
    *zone_names(),
    *changes_of_order(),
    *changes_with_the_month(),
    *undecided(),
    *strays(),
    *daily(),
    *ahead_of_arrival(),
]
