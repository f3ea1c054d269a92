"""Registers that are none, and registers that fall as registers may."""

from energy_assets_tests.files.builders import Sample, amounts, registers, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Rows, Taken

PROFILE = Sample(kind="load_profiles", start=utc(2026, 3, 30), count=480, minutes=15)
POINTS = (
    Sample(kind="electricity", start=utc(2026, 1, 29), count=240, minutes=60, meter="lift"),
    Sample(kind="water", start=utc(2025, 10, 2), count=336, minutes=30, meter="garden"),
)


def register_file(sample: Sample, values: list[str]) -> bytes:
    """A file whose column is a register by its name."""
    header = "Meter Reading" if sample.kind != "load_profiles" else ""
    return text(sample.header(value=header), sample.table(values=values))


def stored(sample: Sample, values: list[str]) -> Rows:
    """The same as it is to be stored."""
    field = "import_kwh" if sample.kind == "load_profiles" else "register"
    return sample.stored([float(value) for value in values], field=field)


def intervals_in_registers() -> list[Case]:
    """What was used in each interval stands in a column of registers."""
    cases = []
    for minutes, count in ((15, 480), (30, 240), (60, 168)):
        sample = PROFILE.moved(PROFILE.start, minutes=minutes, count=count)
        used = amounts(count)
        data = register_file(sample, used)
        name = f"energy of {minutes} min in IMPORT_KWH"
        cases.append(sample.case(name, data, Refused(names=("IMPORT_KWH",))))
        power = [f"{float(amount) * 60 / minutes:.4f}" for amount in used]
        rows = [[*row, kw] for row, kw in zip(sample.table(values=used), power, strict=True)]
        data = text([*sample.header(), "AVG._IMPORT_KW (kW)"], rows)
        # The power beside it is sound: it may be stored without the register, or nothing at all.
        alone = sample.stored([float(kw) for kw in power], field="avg_import_kw")
        name = f"energy of {minutes} min in IMPORT_KWH beside its mean power"
        cases.append(sample.case(name, data, Either(rows=alone)))
    for sample in POINTS:
        for header in ("Register", "Meter Reading", "Index"):
            data = text(sample.header(value=header), sample.table(values=amounts(sample.count)))
            names = (header,)
            cases.append(sample.case(f"interval values in {header!r}", data, Refused(names=names)))
    return cases


def sound_registers() -> list[Case]:
    """Falls that registers have: their end, a new meter, a correction now and then."""
    cases = []
    for sample in (PROFILE, *POINTS):
        used = amounts(sample.count)
        rising = registers(used, start="4321.25")
        third = sample.count // 3
        rolled = [f"{float(v) % 100_000:.2f}" for v in registers(used, start="99950.5")]
        swapped = rising[:third] + registers(used, start="0.5")[third:]
        nudged = [
            f"{float(v) - 5:.2f}" if i % 40 == 20 else v for i, v in enumerate(rising)
        ]  # one step in forty falls
        idle = ["777.125"] * sample.count
        rare = [v for i, v in enumerate(rising) if i % 7 != 3]
        for name, values in (
            ("a register that passes its last digit", rolled),
            ("another register goes on", swapped),
            ("a register that falls in one step of forty", nudged), ("an idle register", idle),
        ):  # fmt: skip
            expect = Taken(rows=stored(sample, values))
            cases.append(sample.case(name, register_file(sample, values), expect))
        header = sample.header(value="" if sample.owner else "Meter Reading")
        backwards = text(header, sample.table(values=rising)[::-1])
        expect = Taken(rows=stored(sample, rising))
        cases.append(sample.case("a register, newest first", backwards, expect))
        kept = [row for i, row in enumerate(sample.table(values=rising)) if i % 7 != 3]
        keys = list(sample.rows)
        rows = {k: r for i, (k, r) in enumerate(stored(sample, rising).items()) if i % 7 != 3}
        assert len(kept) == len(rare)
        assert len(keys) == sample.count
        data = text(header, kept)
        cases.append(sample.case("a register with a gap in seven", data, Taken(rows=rows)))
    return cases


def meters_in_turn() -> list[Case]:
    """Registers of several meters take turns: each rises, the column does not."""
    cases = []
    for sample in (PROFILE, *POINTS):
        meters = [
            sample.moved(sample.start, meter=name, first=i, count=60)
            for i, name in enumerate(("501", "502", "503"))
        ]
        starts = ("9000.5", "200.25", "51234.0")
        columns = [registers(amounts(60, first=i), start=start) for i, start in enumerate(starts)]
        named = ["Meter ID"] if not sample.owner else []
        header = [*named, *sample.header(value="" if sample.owner else "Meter Reading")]
        tables = [
            [[*([] if each.owner else [each.meter]), *row] for row in each.table(values=values)]
            for each, values in zip(meters, columns, strict=True)
        ]
        rows: Rows = {}
        for each, values in zip(meters, columns, strict=True):
            rows |= stored(each, values)
        turns = [row for group in zip(*tables, strict=True) for row in group]
        data = text(header, turns)
        name = "registers of three meters in turn"
        cases.append(sample.case(name, data, Taken(rows=rows), file="portfolio.csv"))
        mixed = [amounts(60), *columns[1:]]
        # One of three columns of registers is none: it is refused with its file, or alone.
        tables[0] = [
            [*([] if meters[0].owner else [meters[0].meter]), *row]
            for row in meters[0].table(values=mixed[0])
        ]
        sound: Rows = {**stored(meters[1], columns[1]), **stored(meters[2], columns[2])}
        data = text(header, [row for table in tables for row in table])
        name = "one of three meters puts interval values into its register"
        cases.append(sample.case(name, data, Either(rows=sound), file="portfolio.csv"))
    return cases


CASES = [*intervals_in_registers(), *sound_registers(), *meters_in_turn()]
