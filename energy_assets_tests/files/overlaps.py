"""Several files about one meter: copies, corrections, other meters of one name, other customers."""

from dataclasses import replace

from energy_assets_tests.files.builders import Sample, delivery, registers, text, utc
from energy_assets_tests.files.cases import Case, Delivery, Refused, Taken, Unchanged

PROFILE = Sample(kind="load_profiles", start=utc(2026, 4, 6), count=96, minutes=30)
ELECTRICITY = Sample(kind="electricity", start=utc(2026, 2, 9), count=96, minutes=30, meter="main")
WATER = Sample(kind="water", start=utc(2025, 11, 17), count=96, minutes=60, meter="main")
POINTS = (ELECTRICITY, WATER)
ALL = (PROFILE, *POINTS)


def changed(sample: Sample, which: range) -> tuple[bytes, dict]:
    """The file with other values in some rows, and those rows as they are then stored."""
    add = 0.125
    values = [f"{float(v) + add:.3f}" if i in which else v for i, v in enumerate(sample.values)]
    stored = sample.stored([float(value) for value in values])
    keys = list(stored)
    return text(sample.header(), sample.table(values=values)), {
        keys[i]: stored[keys[i]] for i in which
    }


def one_name_in_two_folders() -> list[Case]:
    """Two meters whose files have one name: the second is refused, and both objects are named."""
    cases = []
    for sample in POINTS:
        base = f"raw/consumption/{sample.kind}/"
        first = delivery("north/main.csv", sample.text(), sample.rows)
        other = replace(sample, first=5)
        coarse = sample.moved(sample.start, minutes=sample.minutes * 2, count=48, first=3)
        finer = sample.moved(sample.start, minutes=15, count=192, first=3)
        names = (f"{base}north/main.csv", f"{base}south/main.csv")
        for name, data in (
            ("with other values", other.text()), ("with a longer interval", coarse.text()),
            ("with a shorter interval", finer.text()),
        ):  # fmt: skip
            second = Delivery(name="south/main.csv", data=data, expect=Refused(names=names))
            cases.append(sample.of(f"two files of one name {name}", first, second))
        rest = sample.moved(sample.start, count=60, first=7)
        mostly = Delivery(name="south/main.csv", data=rest.text(), expect=Refused(names=names))
        cases.append(sample.of("a part of another meter under the same name", first, mostly))
    keys = ("raw/load_profiles/north.csv", "raw/load_profiles/south.csv")
    first = delivery("north.csv", PROFILE.text(), PROFILE.rows)
    values = registers(["0.5"] * PROFILE.count, start="77.5")
    data = text(PROFILE.header(), PROFILE.table(values=values))
    second = Delivery(name="south.csv", data=data, expect=Refused(names=keys))
    cases.append(PROFILE.of("another object corrects every reading of a meter", first, second))
    return cases


def honest_overlaps() -> list[Case]:
    """Months that follow, deliveries that overlap, and a few corrected rows."""
    cases = []
    for sample in ALL:
        first = delivery("a/main.csv", sample.text(), sample.rows)
        next_start = sample.instants[-1] + (sample.instants[1] - sample.instants[0])
        later = sample.moved(next_start, first=sample.count)
        if sample.kind == "load_profiles":
            whole = sample.moved(sample.start, count=2 * sample.count)
            keys = list(whole.rows)[sample.count :]
            rows = {key: whole.rows[key] for key in keys}
            data = text(whole.header(), whole.table()[sample.count :])
            tail = text(whole.header(), whole.table()[sample.count - 20 :])
        else:
            data, rows = later.text(), later.rows
            tail = text(sample.header(), [*sample.table()[-20:], *later.table()])
        cases.append(
            sample.of("the next month in another folder", first, delivery("b/main.csv", data, rows))
        )
        overlap = delivery("b/main.csv", tail, rows, duplicates=20)
        cases.append(sample.of("a delivery that overlaps by 20 rows", first, overlap))
        copied = delivery("copy/main.csv", sample.text(), {}, duplicates=sample.count)
        cases.append(sample.of("a copy in another folder changes nothing", first, copied))
        fixed, new = changed(sample, range(40, 43))
        lines = fixed.splitlines(keepends=True)
        short = b"".join([lines[0], *lines[41:44]])
        cases.append(
            sample.of("three corrected rows in a file of their own", first,
                      delivery("fix/main.csv", short, new))
        )  # fmt: skip
        cases.append(
            sample.of("a later file that corrects three rows of 96", first,
                      delivery("b/main.csv", fixed, new, duplicates=93))
        )  # fmt: skip
        replaced, everything = changed(sample, range(sample.count))
        cases.append(
            sample.of("the same object, exported again with other values", first,
                      delivery("a/main.csv", replaced, everything))
        )  # fmt: skip
    return cases


def late_and_again() -> list[Case]:
    """A, B, A; files that arrive late; copies that must not undo a correction."""
    cases = []
    for sample in ALL:
        original = sample.text()
        fixed, new = changed(sample, range(10, 14))
        old = {key: sample.rows[key] for key in new}
        first = delivery("main.csv", original, sample.rows)
        second = delivery("main.csv", fixed, new, duplicates=92)
        back = delivery("main.csv", original, old, duplicates=92)
        cases.append(sample.of("A, then B, then A in one object ends at A", first, second, back))
        copied = Delivery(name="backup/main.csv", data=original, expect=Unchanged())
        cases.append(
            sample.of(
                "a copy of the first content does not undo a correction", first, second, copied
            )
        )
        early = Delivery(
            name="archive/main.csv", data=fixed, arrives=utc(2026, 5, 19),
            expect=Taken(rows={}, duplicates=92, superseded=4),
        )  # fmt: skip
        cases.append(sample.of("a file known earlier changes nothing", first, early))
        again = Delivery(
            name="main.csv", data=original, expect=Taken(rows={}, duplicates=sample.count)
        )
        cases.append(sample.of("the same content uploaded again", first, again))
        twice = text(sample.header(), [*sample.table(), *sample.table()])
        doubled = delivery("main.csv", twice, sample.rows, duplicates=sample.count)
        cases.append(sample.of("every row stands in the file twice", doubled))
        rows = sample.table()
        rows.insert(30, [*rows[29][:-1], f"{float(rows[29][-1]) + 0.1:.2f}"])
        keys = list(sample.rows)
        rest = {key: row for key, row in sample.rows.items() if key != keys[29]}
        disputed = delivery("main.csv", text(sample.header(), rows), rest, quarantined={31, 32})
        cases.append(sample.of("two values for one time are both refused", disputed))
    return cases


def other_customers() -> list[Case]:
    """A meter that moved: each reading belongs to the customer of its time."""
    cases = []
    for start, customer in (
        (utc(2026, 4, 1), "D-1"),
        (utc(2025, 8, 1), "900017"),
        (utc(2026, 1, 1), "ü"),
    ):
        sample = PROFILE.moved(start, count=96)
        whole = PROFILE.moved(start, count=192)
        tail = [[row[0], customer, *row[2:]] for row in whole.table()[96:]]
        rows = {
            key: {**row, "customer_ref": customer} for key, row in list(whole.rows.items())[96:]
        }  # type: ignore[dict-item]
        first = delivery("before.csv", sample.text(), sample.rows)
        second = delivery("after.csv", text(sample.header(), tail), rows)
        cases.append(sample.of(f"the meter goes to {customer}, by file", first, second))
        one = text(sample.header(), [*whole.table()[:96], *tail])
        both = {**sample.rows, **rows}
        cases.append(
            sample.of(f"the meter goes to {customer}, within a file", delivery("m.csv", one, both))
        )
    return cases


CASES = [*one_name_in_two_folders(), *honest_overlaps(), *late_and_again(), *other_customers()]
