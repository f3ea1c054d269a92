"""Exports that were put one below the other: each part is read by its own header."""

from dataclasses import replace

from energy_assets_tests.files.builders import Sample, comma, text, utc
from energy_assets_tests.files.cases import Case, Either, Rows, Taken
from energy_assets_tests.files.header_units import converted

SAMPLES = (
    Sample(kind="load_profiles", start=utc(2026, 4, 13), count=96, minutes=30),
    Sample(kind="electricity", start=utc(2025, 12, 30), count=120, minutes=60, meter="mill"),
    Sample(kind="water", start=utc(2026, 2, 26), count=192, minutes=15, meter="basin 2"),
)
MILLI = {"load_profiles": "IMPORT_KWH (Wh)", "electricity": "Consumption (Wh)",
         "water": "Consumption (l)"}  # fmt: skip


def mixed_units(sample: Sample, half: int) -> Rows:
    """The first part in the stored unit, the second in thousandths."""
    milli = converted(sample, 1e-3)
    return {k: (sample.rows if i < half else milli)[k] for i, k in enumerate(sample.rows)}


def parts_of(sample: Sample) -> list[Case]:
    """Two halves of one sample under two headers."""
    half = sample.count // 2
    rows, header = sample.table(), sample.header()
    first, second = text(header, rows[:half]), text(header, rows[half:])
    flipped = [row[::-1] for row in rows[half:]]
    wider = [[*row, "ok"] for row in rows[half:]]
    title_line = half + 2
    semicolons = text(header, rows[half:], delimiter=";")
    continental = text(header, sample.table("%d.%m.%Y %H:%M", mark=",")[half:], delimiter=";")
    days = text(header, sample.table("%d/%m/%Y %H:%M")[half:])
    shifted = text([*header[:-2], header[-1], header[-2]],
                   [[*row[:-2], row[-1], row[-2]] for row in rows[half:]])  # fmt: skip
    milli = text(sample.header(value=MILLI[sample.kind]), rows[half:])
    # A register that falls to a thousandth between two parts may be doubted as a whole.
    unit_rows = mixed_units(sample, half)
    unit_rule = Either(rows=unit_rows) if sample.kind == "load_profiles" else Taken(rows=unit_rows)
    events = b"Event,Severity\nopened,3\nclosed,1\n"
    lines = sample.count + 1
    return [
        sample.case("the same header again", first + second),
        sample.case("the same header again in capitals", first + second.replace(
            ",".join(header).encode(), ",".join(header).upper().encode())),
        sample.case("the same header five times", b"".join(
            text(header, rows[i : i + 10]) for i in range(0, sample.count, 10))),
        sample.case("a second header in reverse", first + text(header[::-1], flipped)),
        sample.case("a second header with two columns exchanged", first + shifted),
        sample.case("a second header with one column more",
                    first + text([*header, "Quality"], wider)),
        sample.case("a title and a blank line before the second header",
                    first + b"\nContinued\n" + second,
                    Taken(rows=sample.rows, loose={title_line + 1})),
        sample.case("a second header with another unit", first + milli, unit_rule),
        sample.case("a second header with another delimiter", first + semicolons,
                    Either(rows=sample.rows)),
        sample.case("a continental part below an English one", first + continental,
                    Either(rows=sample.rows)),
        sample.case("ISO dates above, day first below a second header", first + days,
                    Either(rows=sample.rows)),
        sample.case("a table of events below", text(header, rows) + events,
                    Taken(rows=sample.rows, loose={lines + 1, lines + 2, lines + 3})),
    ]  # fmt: skip


def decimal_parts() -> list[Case]:
    """The decimal comma is proven in the second part only."""
    cases = []
    for sample in SAMPLES[1:]:
        whole = replace(sample, places=0)
        half = sample.count // 2
        tops = [str(1 + i % 5) for i in range(half)]
        bottoms = [comma(value) for value in sample.values[half:]]
        values = [*tops, *bottoms]
        body = whole.table(values=values)
        data = text(sample.header(), body[:half], delimiter=";") + text(
            sample.header(), body[half:], delimiter=";"
        )
        numbers = [float(value.replace(",", ".")) for value in values]
        expect = Taken(rows=sample.stored(numbers))
        cases.append(sample.case("a decimal comma in the second part only", data, expect))
    return cases


CASES = [*(case for sample in SAMPLES for case in parts_of(sample)), *decimal_parts()]
