"""The hour that comes twice and the hour that never comes, in several zones and orders."""

import re
from datetime import datetime, timedelta

import numpy as np

from energy_assets_tests.files.builders import Sample, delivery, text, utc
from energy_assets_tests.files.cases import Case, Delivery, Either, Taken, Unchanged
from resources.object_store import ObjectStore

LONDON, BERLIN = "local:Europe/London", "local:Europe/Berlin"
NEW_YORK, LORD_HOWE = "local:America/New_York", "local:Australia/Lord_Howe"
AUTUMN = {
    LONDON: utc(2025, 10, 26, 1), BERLIN: utc(2025, 10, 26, 1),
    NEW_YORK: utc(2025, 11, 2, 6), LORD_HOWE: utc(2026, 4, 4, 15),
}  # fmt: skip
"""When clocks go back."""
SPRING = {
    LONDON: utc(2026, 3, 29, 1), BERLIN: utc(2026, 3, 29, 1),
    NEW_YORK: utc(2026, 3, 8, 7), LORD_HOWE: utc(2025, 10, 4, 15, 30),
}  # fmt: skip
"""When clocks go forward."""
SECONDS = "%Y-%m-%d %H:%M:%S"


def night(kind: str, clock: str, change: datetime, minutes: int) -> Sample:
    """Five hours before to six hours after a change."""
    start = change.replace(minute=0) - timedelta(hours=5)
    return Sample(
        kind=kind, start=start, count=11 * 60 // minutes, minutes=minutes, clock=clock, meter="314"
    )  # type: ignore[arg-type]


def orders() -> list[Case]:
    """Oldest first, newest first, sorted by wall time."""
    cases = []
    kinds = ("load_profiles", "electricity", "water")
    for index, (clock, change) in enumerate(AUTUMN.items()):
        for offset, minutes in enumerate((15, 30, 60)):
            if clock == LORD_HOWE and minutes == 60:
                continue
            sample = night(kinds[(index + offset) % 3], clock, change, minutes)
            rows, at = sample.table(SECONDS), len(sample.owner)
            paired = sorted(rows, key=lambda row: row[at])
            for name, ordered in (
                ("oldest first", rows), ("newest first", rows[::-1]), ("by wall time", paired)
            ):  # fmt: skip
                cases.append(
                    sample.case(
                        f"{minutes} min, {clock[6:]}, clocks go back, {name}",
                        text(sample.header(), ordered),
                    )
                )
    for index, (clock, change) in enumerate(SPRING.items()):
        sample = night(kinds[index % 3], clock, change, 30)
        cases.append(sample.case(f"{clock[6:]}, clocks go forward", sample.text()))
    return cases


def stated_offsets() -> list[Case]:
    """Each time states its offset: order does not matter, nor does the setting."""
    cases = []
    rng = np.random.default_rng(11)
    kinds = ("water", "load_profiles", "electricity", "water")
    for kind, (clock, change) in zip(kinds, AUTUMN.items(), strict=True):
        sample = night(kind, clock, change, 30)
        cells = [re.sub(r"(\d\d)$", r":\1", f"{wall:%Y-%m-%dT%H:%M:%S%z}") for wall in sample.walls]
        rows = [[*sample.owner, *cell] for cell in zip(cells, sample.values, strict=True)]
        shuffled = [rows[i] for i in rng.permutation(len(rows))]
        data = text(sample.header(), shuffled)
        cases.append(sample.case(f"offsets stand behind times of {clock[6:]}, shuffled", data))
    return cases


def registers_decide() -> list[Case]:
    """The register says which of two equal wall times came first."""
    cases = []
    for clock, minutes in ((LONDON, 60), (BERLIN, 30), (NEW_YORK, 15)):
        sample = night("load_profiles", clock, AUTUMN[clock], minutes)
        # By wall time, but of two equal ones the newest first.
        backwards = sample.table(SECONDS)[::-1]
        rows = sorted(backwards, key=lambda row: row[2])
        name = f"{minutes} min, {clock[6:]}, sorted by wall time with the second pass first"
        cases.append(sample.case(name, text(sample.header(), rows)))
        doubled = sample.table(SECONDS) + sample.table(SECONDS)[::-1]
        walls = [wall.replace(tzinfo=None, fold=0) for wall in sample.walls]
        twice = {key for key, wall in zip(sample.rows, walls, strict=True) if walls.count(wall) > 1}
        doubtful = {key: row for key, row in sample.rows.items() if key in twice}
        sure = {key: row for key, row in sample.rows.items() if key not in twice}
        expect = Either(rows=doubtful, certain=sure, may_refuse=False, repeats=True)
        name = f"{minutes} min, {clock[6:]}, the night stands there twice, once newest first"
        cases.append(sample.case(name, text(sample.header(), doubled), expect))
    return cases


def lone_passes() -> list[Case]:
    """A single row in the repeated hour that contradicts both stored passes is not believed."""
    cases = []
    for kind, clock in (("load_profiles", LONDON), ("electricity", BERLIN), ("water", NEW_YORK)):
        sample = night(kind, clock, AUTUMN[clock], 30)
        wall = (AUTUMN[clock] + timedelta(minutes=30)).astimezone(sample.walls[0].tzinfo)
        value = "1003.77" if kind == "load_profiles" else "9.75"
        row = [*sample.owner, f"{wall:%Y-%m-%d %H:%M}", value]
        correction = Delivery(
            name="fix/314.csv", data=text(sample.header(), [row]), expect=Unchanged()
        )
        whole = delivery("314.csv", sample.text(), sample.rows)
        name = f"one corrected row in the repeated hour, {clock[6:]}"
        cases.append(sample.of(name, whole, correction))
    return cases


def mended_passes() -> list[Case]:
    """A mended row of the repeated hour goes where it came from, or is refused."""
    cases = []
    for kind, clock in (("load_profiles", LONDON), ("electricity", BERLIN), ("water", NEW_YORK)):
        for which, shift in (("first", -30), ("second", 30)):
            sample = night(kind, clock, AUTUMN[clock], 30)
            instant = AUTUMN[clock] + timedelta(minutes=shift)
            at = sample.instants.index(instant)
            rows = sample.table(SECONDS)
            good, rows[at][-1] = rows[at][-1], "broken"
            keys = list(sample.rows)
            rest = {key: row for key, row in sample.rows.items() if key != keys[at]}
            damaged = Delivery(
                name="314.csv", data=text(sample.header(), rows),
                expect=Taken(rows=rest, quarantined={at + 2}),
            )  # fmt: skip
            mended = Delivery(
                name="mended/314.csv", data=lambda objects, good=good: mended_file(objects, good),
                expect=Either(rows={keys[at]: sample.rows[keys[at]]}),
            )  # fmt: skip
            cases.append(
                sample.of(f"a mended row of the {which} pass, {clock[6:]}", damaged, mended)
            )
    return cases


def mended_file(objects: ObjectStore, good: str) -> bytes:
    """The refused rows of the file before, with the broken value corrected as a person would."""
    (info,) = list(objects.list("quarantine/"))
    lines = objects.get(info.key).decode().splitlines(keepends=True)
    return "".join(
        good.join(line.rsplit("broken", 1)) if line.count("broken") else line for line in lines
    ).encode()


def skipped_hours() -> list[Case]:
    """Wall times that never were are refused, and named by their row."""
    cases = []
    for kind, clock in (("load_profiles", LONDON), ("electricity", NEW_YORK), ("water", BERLIN)):
        sample = night(kind, clock, SPRING[clock], 30)
        rows = sample.table(SECONDS)
        before = [instant < SPRING[clock] for instant in sample.instants].count(True)
        never = (sample.walls[before - 1].replace(tzinfo=None)) + timedelta(minutes=40)
        rows.insert(before, [*sample.owner, f"{never:%Y-%m-%d %H:%M:%S}", rows[before - 1][-1]])
        expect = Taken(rows=sample.rows, quarantined={before + 2: "nonexistent_local_time"})
        data = text(sample.header(), rows)
        cases.append(sample.case(f"a time that {clock[6:]} skipped", data, expect))
    return cases


def hour_ending() -> list[Case]:
    """Labels at the end: the wall label is shifted, then localised."""
    cases = []
    nights = [
        ("electricity", NEW_YORK, AUTUMN, 60), ("electricity", NEW_YORK, SPRING, 60),
        ("water", LONDON, AUTUMN, 60), ("water", LONDON, SPRING, 60),
        ("electricity", BERLIN, AUTUMN, 15), ("water", BERLIN, SPRING, 30),
    ]  # fmt: skip
    for kind, clock, season, minutes in nights:
        sample = night(kind, clock, season[clock], minutes)
        labels = [wall.replace(tzinfo=None) + timedelta(minutes=minutes) for wall in sample.walls]
        name = f"{minutes} min ending, {clock[6:]} {season[clock]:%B}"
        rows = [
            [f"{label:%Y-%m-%d %H:%M}", value]
            for label, value in zip(labels, sample.values, strict=True)
        ]
        data = text(sample.header(), rows)
        cases.append(sample.case(name, data, label="end"))
        backwards = text(sample.header(), rows[::-1])
        cases.append(sample.case(f"{name}, newest first", backwards, label="end"))
        numbered = [
            [
                f"{wall:%Y-%m-%d}",
                "24:00" if label.hour == label.minute == 0 else f"{label:%H:%M}",
                v,
            ]
            for wall, label, v in zip(sample.walls, labels, sample.values, strict=True)
        ]
        data = text(sample.header("Date", "Time"), numbered)
        cases.append(sample.case(f"{name}, 24:00 ends the day", data, label="end"))
    return cases


CASES = [
    *orders(), *stated_offsets(), *registers_decide(), *lone_passes(), *mended_passes(),
    *skipped_hours(), *hour_ending(),
]  # fmt: skip
