"""Bytes and lines around the rows: encodings, titles, comments, totals, stray delimiters."""

import gzip

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Rows, Taken

PROFILE = Sample(kind="load_profiles", start=utc(2026, 3, 28), count=48, minutes=15)
ELECTRICITY = Sample(
    kind="electricity", start=utc(2026, 2, 14), count=48, minutes=60, meter="maison"
)
WATER = Sample(kind="water", start=utc(2025, 8, 30), count=48, minutes=30, meter="puits")
ALL = (PROFILE, ELECTRICITY, WATER)


def encodings(sample: Sample) -> list[Case]:
    """The same rows in other bytes."""
    plain, header, rows = sample.text(), sample.header(), sample.table()
    words = plain.decode()
    if sample.kind == "water":
        header = [*header[:-1], "Consumption (m³)"]
    accented = text([*header, "Zähler"], [[*row, "Süd"] for row in rows], encoding="cp1252")
    quoted = text([f'"{h}"' for h in header], [[f'"{c}"' for c in row] for row in rows])
    formulas = text(header, [[*row[:-1], f'"=""{row[-1]}"""'] for row in rows])
    padded = text([f" {h} " for h in header], [[f" {c} " for c in row] for row in rows])
    gaps = text(header, [cells for row in rows for cells in (row, [], ["", ""])])
    return [
        sample.case("gzip", gzip.compress(plain), ending=".csv.gz"),
        sample.case("gzip without saying so", gzip.compress(plain)),
        sample.case("UTF-8 with a byte-order mark", b"\xef\xbb\xbf" + plain),
        sample.case("UTF-16, little end first", b"\xff\xfe" + words.encode("utf-16-le")),
        sample.case("UTF-16, big end first", b"\xfe\xff" + words.encode("utf-16-be")),
        sample.case("Windows-1252", accented),
        sample.case("lines end in CR LF", plain.replace(b"\n", b"\r\n")),
        sample.case("lines end in CR", plain.replace(b"\n", b"\r")),
        sample.case("line ends change half way", plain.replace(b"\n", b"\r\n", 24)),
        sample.case("no line end behind the last row", plain.rstrip(b"\n")),
        sample.case("every cell is quoted", quoted),
        sample.case("values stand as formulas", formulas),
        sample.case("blanks around every cell", padded),
        sample.case("blank lines between rows", gaps),
        sample.case("tabs", sample.text(delimiter="\t")),
        sample.case("upright strokes", sample.text(delimiter="|")),
        sample.case("a declared delimiter", b"sep=;\n" + sample.text(delimiter=";")),
        sample.case("blank lines above the header", b"\n\n" + plain),
        sample.case("an end-of-file character behind the rows", plain + b"\x1a",
                    Taken(rows=sample.rows, loose={50})),
    ]  # fmt: skip


def lines_around(sample: Sample) -> list[Case]:
    """Lines that are no rows."""
    plain, header, rows = sample.text(), sample.header(), sample.table()
    wide = len(header)
    total = f"{sum(float(value) for value in sample.values):.2f}"
    last = sample.count + 2
    commented = [line for row in rows for line in (",".join(row), "# checked")]
    marked = "\n".join([",".join(header), *commented]) + "\n"
    # Lines 3, 5, 7, ... are the comments.
    comment_lines = set(range(3, 2 * sample.count + 2, 2))
    stray = [[*row, ""] for row in rows]

    def above(*lines: str) -> bytes:
        return "\n".join(lines).encode() + b"\n" + plain

    def below(*lines: str) -> tuple[bytes, Taken]:
        loose = set(range(last, last + len(lines)))
        data = plain + "\n".join(lines).encode() + b"\n"
        return data, Taken(rows=sample.rows, loose=loose)

    owner = [""] * (wide - 2)
    return [
        sample.case("a delimiter at the end of every row", text(header, stray)),
        sample.case("three delimiters at the end of every row",
                    text(header, [[*row, "", "", ""] for row in rows])),
        sample.case("a delimiter at the end of the header", text([*header, ""], rows)),
        sample.case("semicolons at the end of every row", text(header, stray, delimiter=";")),
        sample.case("a delimiter at the end of both", text([*header, ""], stray)),
        sample.case("a title line", above("Consumption report 2026")),
        sample.case("four lines of title", above("Report", "Customer: J. Doe", "", "Page 1 of 1")),
        sample.case("titles in cells", above("Name,Jane Doe", "Address,1 Main St", "Account,77")),
        sample.case("titles with more cells than the rows", above("a,b,c,d,e,f,g,h", "1,2,3")),
        sample.case("comments above the header", above("# made by a logger", "# version 3")),
        sample.case("comments between the rows", marked.encode(),
                    Taken(rows=sample.rows, loose=comment_lines)),
        sample.case("a total below", *below(",".join(["Total", *owner, total]))),
        sample.case("sum and mean below", *below(",".join(["Sum", *owner, total]),
                                                 ",".join(["Average", *owner, "0.86"]))),
        sample.case("a total without a word", *below(",".join(["", *owner, total]))),
        sample.case("a closing line", *below("", "End of report")),
        sample.case("a page foot of three lines", *below("---", "Page 1", "Printed 2026-05-19")),
        sample.case("two columns without a name", text([*header, "", ""],
                                                       [[*row, "x", "y"] for row in rows])),
        sample.case("two remarks of one name", text([*header, "Note", "Note"],
                                                    [[*row, "x", ""] for row in rows])),
    ]  # fmt: skip


def broken_rows(sample: Sample) -> list[Case]:
    """Rows with too few, too many or shifted cells."""
    header, rows = sample.header(), sample.table()
    keys = list(sample.rows)

    def but(*lost: int) -> Rows:
        return {key: row for i, (key, row) in enumerate(sample.rows.items()) if i not in lost}

    cut = [row[:-1] if i == 9 else row for i, row in enumerate(rows)]
    more = [[*row, "7"] if i == 9 else row for i, row in enumerate(rows)]
    shifted = [["x", *row] if i == 9 else row for i, row in enumerate(rows)]
    open_quote = [[*row[:-1], f'"{row[-1]}'] if i == 9 else row for i, row in enumerate(rows)]
    return [
        sample.case("a row that lacks its value", text(header, cut),
                    Taken(rows=but(9), quarantined={11})),
        sample.case("a row with a cell too many", text(header, more),
                    Either(rows={keys[9]: sample.rows[keys[9]]}, certain=but(9), may_refuse=False)),
        sample.case("a row that is shifted by a cell", text(header, shifted),
                    Taken(rows=but(9), quarantined={11})),
        sample.case("a quote that is never closed", text(header, open_quote),
                    Either(rows={k: sample.rows[k] for k in keys[9:]},
                           certain={k: sample.rows[k] for k in keys[:9]})),
        sample.case("a line that ends inside its date", text(header, rows[:-1]) +
                    ",".join(rows[-1])[: -len(rows[-1][-1]) - 4].encode(),
                    Taken(rows=but(47), quarantined={49})),
    ]  # fmt: skip


def no_tables(sample: Sample) -> list[Case]:
    """Files that hold no rows at all."""
    header = text(sample.header(), [])
    bare = text(sample.table()[0], sample.table()[1:])
    return [
        sample.case("an empty file", b"", Refused(names=("empty",))),
        sample.case("a header only", header, Refused(names=(("reading", "row"),))),
        sample.case("rows without a header", bare, Refused()),
        sample.case("a web page", b"<html><body>Please sign in</body></html>\n", Refused()),
        sample.case("half of a packed file", gzip.compress(sample.text())[:-40], Refused()),
    ]


CASES = [
    *(case for sample in ALL for case in encodings(sample)),
    *(case for sample in ALL for case in lines_around(sample)),
    *(case for sample in ALL for case in broken_rows(sample)),
    *(case for sample in ALL for case in no_tables(sample)),
]
