"""Decimal marks and thousands: decided over the whole file, or nothing doubtful is stored."""

from energy_assets_tests.files.builders import Sample, comma, text, utc
from energy_assets_tests.files.cases import Case, Either, Rows, Taken

ELECTRICITY = Sample(kind="electricity", start=utc(2026, 4, 18), count=96, minutes=60, meter="Haus")
WATER = Sample(kind="water", start=utc(2026, 1, 22), count=96, minutes=30, meter="Brunnen")
PROFILE = Sample(kind="load_profiles", start=utc(2025, 12, 20), count=96, minutes=15)
POINTS = (ELECTRICITY, WATER)
ALL = (PROFILE, *POINTS)
DATES = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M")


def part_of(rows: Rows, keep: object) -> Rows:
    """The rows whose position a function keeps."""
    return {key: row for i, (key, row) in enumerate(rows.items()) if keep(i)}  # type: ignore[operator]


def numbers(values: list[str], *, thousands: str, mark: str) -> list[float]:
    """What the texts mean, given their marks."""
    return [float(v.replace(thousands, "").replace(mark, ".")) for v in values]


def three_places() -> list[Case]:
    """`12.345` and `1.200` in a continental file say nothing by themselves."""
    cases = []
    for sample in ALL:
        for pattern in DATES:
            values = [f"{12 + i}.{345 + i % 7:03d}" for i in range(sample.count)]
            rows = sample.table(pattern, values=values)
            doubt = text(sample.header(), rows, delimiter=";")
            name = f"only values like 12.345 in a file with semicolons, {pattern[:5]}"
            cases.append(sample.case(name, doubt, Either(rows={})))
            # Each of these proves the mark, and is far below every limit.
            for proof, what in (("0,75", "comma"), ("11,5", "comma")):
                proven = [proof, *values[1:]] if sample.kind != "load_profiles" else values
                if sample.kind == "load_profiles":
                    proven = [
                        f"11.99{i % 10},{5 + i % 4}" if i < 1 else v for i, v in enumerate(values)
                    ]
                meant = numbers(proven, thousands=".", mark=",")
                data = text(sample.header(), sample.table(pattern, values=proven), delimiter=";")
                name = f"values like 12.345 with a decimal {what} as in {proof}, {pattern[:5]}"
                cases.append(sample.case(name, data, Taken(rows=sample.stored(meant))))
                if sample.kind == "load_profiles":
                    break
            pointed = ["11.5", *values[1:]]
            meant = [float(value) for value in pointed]
            data = text(sample.header(), sample.table(pattern, values=pointed), delimiter=";")
            name = f"values like 12.345 with a decimal point as in 11.5, {pattern[:5]}"
            cases.append(sample.case(name, data, Taken(rows=sample.stored(meant))))
        english = text(sample.header(), sample.table(values=values))
        meant = [float(value) for value in values]
        name = "values like 12.345 between commas have a decimal point"
        cases.append(sample.case(name, english, Taken(rows=sample.stored(meant))))
    return cases


def late_proofs() -> list[Case]:
    """The proof comes after 600 rows."""
    cases = []
    for sample in POINTS:
        long = sample.moved(utc(2026, 2, 1), count=660)
        header = long.header()
        tail = [comma(f"0.{801 + i}") for i in range(60)]
        whole = [str(1 + i % 6) for i in range(600)] + tail
        data = text(header, long.table(values=whole), delimiter=";")
        rows = long.stored(numbers(whole, thousands=".", mark=","))
        cases.append(long.case("600 whole numbers, then a decimal comma", data, Taken(rows=rows)))
        pointed = [f"0.{250 + i % 9}" for i in range(600)] + tail
        data = text(header, long.table(values=pointed), delimiter=";")
        rows = long.stored([float(comma_less.replace(",", ".")) for comma_less in pointed])
        cases.append(
            long.case("600 decimal points, then 0,804 and the like", data, Either(rows=rows))
        )
        doubtful = [f"1.{204 + i % 9}" for i in range(600)] + tail
        data = text(header, long.table(values=doubtful), delimiter=";")
        rows = long.stored(numbers(doubtful, thousands=".", mark=","))
        cases.append(long.case("600 values like 1.204, then a comma", data, Either(rows=rows)))
        grouped = [comma(f"{812 + i % 9}.5") for i in range(600)] + [
            f"1.01{i % 9},5" for i in range(60)
        ]
        data = text(header, long.table(values=grouped), delimiter=";")
        rows = long.stored(numbers(grouped, thousands=".", mark=","))
        cases.append(long.case("600 decimal commas, then thousands dots", data, Taken(rows=rows)))
        dots = [f"{812 + i % 9}" for i in range(600)] + [f"1.01{i % 9}" for i in range(60)]
        data = text(header, long.table(values=dots), delimiter=";")
        sure = part_of(long.stored([float(v) for v in dots]), lambda i: i < 600)
        name = "600 whole numbers, then 1.012 and the like"
        cases.append(long.case(name, data, Either(rows={}, certain=sure)))
        english = [f"{990 + i % 9}" for i in range(600)] + [f'"1,01{i % 9}.25"' for i in range(60)]
        data = text(header, long.table(values=english))
        meant = [float(v.replace(",", "").strip('"')) for v in english]
        name = "600 whole numbers, then quoted thousands"
        cases.append(long.case(name, data, Taken(rows=long.stored(meant))))
    return cases


def thousands() -> list[Case]:
    """Groups of three by blanks, apostrophes, points and commas."""
    cases = []
    groups = [
        (" ", ",", "blanks"), ("\u00a0", ",", "hard blanks"), ("\u202f", ",", "narrow blanks"),
        ("'", ".", "apostrophes"), ("’", ".", "raised commas"), (".", ",", "points"),
        (",", ".", "commas"),
    ]  # fmt: skip
    for index, (group, mark, what) in enumerate(groups):
        sample = ALL[index % 3]
        plain = [f"{1_234 + i}.{25 + i % 50}" for i in range(sample.count)]
        spelled = [f"1{group}{value[1:4]}{mark}{value[5:]}" for value in plain]
        rows = [[*row[:-1], value] for row, value in zip(sample.table(), spelled, strict=True)]
        data = text(sample.header(), rows, delimiter=";")
        stored = sample.stored([float(value) for value in plain])
        sure = what in ("points", "commas")
        expect = Taken(rows=stored) if sure else Either(rows=stored)
        cases.append(sample.case(f"thousands are grouped by {what}", data, expect))
    return cases


def commas_and_cells() -> list[Case]:
    """Decimal commas between commas, and things that stand beside a number."""
    cases = []
    for sample in ALL:
        loose = text(sample.header(), sample.table(mark=","))
        name = "decimal commas between commas, not quoted"
        cases.append(sample.case(name, loose, Either(rows=sample.rows)))
        quoted = [[*row[:-1], f'"{comma(row[-1])}"'] for row in sample.table()]
        data = text(sample.header(), quoted)
        cases.append(sample.case("decimal commas between commas, quoted", data))
        semicolons = text(sample.header(), sample.table("%d.%m.%Y %H:%M", mark=","), delimiter=";")
        cases.append(sample.case("a continental file", semicolons))
        tabs = text(sample.header(), sample.table(mark=","), delimiter="\t")
        cases.append(sample.case("decimal commas between tabs", tabs))
        unit = "m3" if sample.kind == "water" else "kWh"
        beside = [[*row[:-1], f"{row[-1]} {unit}"] for row in sample.table()]
        data = text(sample.header(), beside)
        cases.append(sample.case("a unit in each cell", data, Either(rows=sample.rows)))
        powers = [[*row[:-1], f"{float(row[-1]):.6E}"] for row in sample.table()]
        data = text(sample.header(), powers)
        cases.append(sample.case("numbers with exponents", data, Either(rows=sample.rows)))
        plus = [[*row[:-1], f"+{row[-1]}"] for row in sample.table()]
        data = text(sample.header(), plus)
        cases.append(sample.case("numbers with a plus", data, Either(rows=sample.rows)))
        mixed = sample.table()
        for i in range(0, sample.count, 2):
            mixed[i][-1] = comma(mixed[i][-1])
        data = text(sample.header(), mixed, delimiter=";")
        name = "points and commas by turns"
        cases.append(sample.case(name, data, Either(rows=sample.rows)))
    for sample in POINTS:
        header = [*sample.header(), "Temperature (°C)"]
        values = [f"1.{200 + i % 9}" for i in range(sample.count)]
        rows = [[*row, "12,5"] for row in sample.table(values=values)]
        meant = numbers(values, thousands=".", mark=",")
        stored: Rows = {
            key: {**row, "temperature_c": 12.5}  # type: ignore[dict-item]
            for key, row in sample.stored(meant).items()
        }
        data = text(header, rows, delimiter=";")
        name = "the temperature proves the comma, the values say 1.203"
        cases.append(sample.case(name, data, Either(rows=stored)))
    return cases


CASES = [*three_places(), *late_proofs(), *thousands(), *commas_and_cells()]
