"""Green Button: the CSV files of utilities, and ESPI documents in XML."""

import gzip
from collections.abc import Sequence
from datetime import timedelta
from xml.sax.saxutils import escape

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Row, Rows, Taken
from energy_assets_tests.files.header_units import CUBIC_FOOT, US_GALLON

CALIFORNIA = Sample(
    kind="electricity", start=utc(2026, 4, 14, 7), count=96, minutes=60, meter="pge",
    clock="local:America/Los_Angeles",
)  # fmt: skip
ONTARIO = Sample(
    kind="electricity", start=utc(2026, 1, 19, 5), count=192, minutes=15, meter="toronto",
    clock="local:America/Toronto",
)  # fmt: skip
TEXAS = Sample(
    kind="water", start=utc(2025, 9, 8, 5), count=72, minutes=60, meter="austin",
    clock="local:America/Chicago",
)  # fmt: skip
ALL = (CALIFORNIA, ONTARIO, TEXAS)

FORWARD, REVERSE = 1, 19
"""Directions of flow: delivered to the customer, and received from them."""


def reading_type(uom: int, *, power: int, minutes: int, flow: int = FORWARD) -> str:
    """What the numbers of a meter reading mean."""
    return (
        f"<ReadingType><accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity>"
        f"<flowDirection>{flow}</flowDirection><intervalLength>{minutes * 60}</intervalLength>"
        f"<powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom></ReadingType>"
    )


def blocks(
    sample: Sample, counts: Sequence[int], *, cost: bool = False, size: int = 24
) -> list[str]:
    """Interval blocks of `size` readings each."""
    seconds = sample.minutes * 60
    readings = [
        f"<IntervalReading>{'<cost>12000</cost>' if cost else ''}<timePeriod><duration>{seconds}"
        f"</duration><start>{int(instant.timestamp())}</start></timePeriod><value>{count}</value>"
        f"</IntervalReading>"
        for instant, count in zip(sample.instants, counts, strict=True)
    ]
    made = []
    for i in range(0, len(readings), size):
        start = int(sample.instants[i].timestamp())
        inside = "".join(readings[i : i + size])
        span = seconds * len(readings[i : i + size])
        made.append(
            f"<IntervalBlock><interval><duration>{span}</duration><start>{start}</start>"
            f"</interval>{inside}</IntervalBlock>"
        )
    return made


def feed(*parts: tuple[str, Sequence[str]], title: str = "Green Button", prefix: str = "") -> bytes:
    """An Atom feed of meter readings, each a reading type with its blocks."""
    entries = []
    for number, (kind, found) in enumerate(parts, start=1):
        base = f"/espi/1_1/resource/Subscription/1/UsagePoint/1/MeterReading/{number}"
        type_link = f"/espi/1_1/resource/ReadingType/{number}"
        entries.append(
            f'<entry><link rel="self" href="{base}"/><link rel="related" href="{type_link}"/>'
            f'<link rel="related" href="{base}/IntervalBlock"/><content><MeterReading '
            f'xmlns="http://naesb.org/espi"/></content></entry>'
        )
        espi = 'xmlns="http://naesb.org/espi"'
        body = kind.replace("<ReadingType>", f"<ReadingType {espi}>")
        entries.append(
            f'<entry><link rel="self" href="{type_link}"/><content>{body}</content></entry>'
        )
        for index, block in enumerate(found):
            body = block.replace("<IntervalBlock>", f"<IntervalBlock {espi}>")
            entries.append(
                f'<entry><link rel="self" href="{base}/IntervalBlock/{index}"/>'
                f'<link rel="up" href="{base}/IntervalBlock"/><content>{body}</content></entry>'
            )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{prefix}<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(title)}</title>{''.join(entries)}</feed>\n"
    ).encode()


def scaled(sample: Sample, counts: Sequence[int], factor: float) -> Rows:
    """The counts in the unit that is stored."""
    return sample.stored([count * factor for count in counts])


def documents() -> list[Case]:
    """ESPI documents of watt hours, powers of ten and volumes."""
    cases = []
    units: dict[str, list[tuple[int, int, float, str]]] = {
        "electricity": [
            (72, 0, 1e-3, "Wh"), (72, 3, 1.0, "kWh"), (72, -3, 1e-6, "mWh"), (72, 1, 1e-2, "10 Wh"),
        ],
        "water": [
            (42, 0, 1.0, "m3"), (42, -3, 1e-3, "l by a power of ten"), (134, 0, 1e-3, "litres"),
            (128, 0, US_GALLON, "US gallons"),
            (119, -2, CUBIC_FOOT / 100, "hundredths of cubic feet"),
        ],
    }  # fmt: skip
    for sample in ALL:
        for uom, power, factor, what in units[sample.kind]:
            counts = [310 + (i * 7 % 12) * 100 for i in range(sample.count)]
            kind = reading_type(uom, power=power, minutes=sample.minutes)
            data = feed((kind, blocks(sample, counts, cost=power == 0)))
            rows = scaled(sample, counts, factor)
            sure = uom in (72, 42)
            expect = Taken(rows=rows) if sure else Either(rows=rows)
            cases.append(
                sample.case(f"ESPI in {what}, {sample.minutes} min", data, expect, ending=".xml")
            )
    return cases


def shapes() -> list[Case]:
    """Blocks out of order, several reading types, packed, cut, hostile."""
    cases = []
    for sample in ALL:
        uom, factor = (72, 1e-3) if sample.kind == "electricity" else (42, 1.0)
        counts = [3 + i % 9 for i in range(sample.count)]
        kind = reading_type(uom, power=0, minutes=sample.minutes)
        found = blocks(sample, counts)
        data, rows = feed((kind, found)), scaled(sample, counts, factor)
        expect = Taken(rows=rows)
        backwards = feed((kind, found[::-1]))
        name = f"{sample.meter}: ESPI, newest block first"
        cases.append(sample.case(name, backwards, expect, ending=".xml"))
        packed = gzip.compress(data)
        cases.append(
            sample.case(
                f"{sample.meter}: ESPI, packed", packed, Either(rows=rows), ending=".xml.gz"
            )
        )
        single = feed((kind, blocks(sample, counts, size=500)))
        name = f"{sample.meter}: ESPI, one block"
        cases.append(sample.case(name, single, expect, ending=".xml"))
        cut = data[: len(data) * 2 // 3]
        cases.append(sample.case(f"{sample.meter}: ESPI, cut off", cut, Refused(), ending=".xml"))
        entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        bomb = feed((kind, found), prefix=entity).replace(b"Green Button", b"&b;")
        cases.append(
            sample.case(
                f"{sample.meter}: ESPI with entities", bomb, Either(rows=rows), ending=".xml"
            )
        )
        wrong = 42 if sample.kind == "electricity" else 72
        other = feed((reading_type(wrong, power=0, minutes=sample.minutes), found))
        cases.append(
            sample.case(
                f"{sample.meter}: ESPI of another commodity", other, Refused(), ending=".xml"
            )
        )
    return cases


def exports() -> list[Case]:
    """Net metering: one direction beside the other."""
    cases = []
    for sample in (CALIFORNIA, ONTARIO):
        counts = [300 + i % 9 for i in range(sample.count)]
        back = [0 if i % 24 < 10 else 50 + i % 5 for i in range(sample.count)]
        kinds = [
            reading_type(72, power=0, minutes=sample.minutes, flow=flow)
            for flow in (FORWARD, REVERSE)
        ]
        data = feed((kinds[0], blocks(sample, counts)), (kinds[1], blocks(sample, back)))
        rows: Rows = {}
        for (key, row), out in zip(scaled(sample, counts, 1e-3).items(), back, strict=True):
            assert isinstance(row, dict)
            used = float(row["consumption"])
            net: Row = {"consumption": used - out / 1e3}
            beside = [{**row, name: out / 1e3} for name in ("export", "exported", "export_kwh")]
            # Delivered alone, the net of both, or both beside each other.
            rows[key] = (row, net, *beside)
        cases.append(
            sample.case(
                f"{sample.meter}: ESPI with a reverse direction",
                data,
                Either(rows=rows),
                ending=".xml",
            )
        )
    return cases


def utility_tables() -> list[Case]:
    """CSV files as utilities hand them out: titles, pairs of times, units, costs, notes."""
    cases = []
    for sample in ALL:
        unit, factor = ("kWh", 1.0) if sample.kind == "electricity" else ("CCF", 100 * CUBIC_FOOT)
        rows = sample.stored([float(value) * factor for value in sample.values])
        above = (
            b'Name,JANE DOE\nAddress,"1 MAIN ST, TOWN CA 94000"\nAccount Number,1234567890\n'
            b"Service,Service 1\n\n"
        )
        what = "Electric usage" if sample.kind == "electricity" else "Water usage"
        lasts = [wall + timedelta(minutes=sample.minutes - 1) for wall in sample.walls]
        for pattern in ("%Y-%m-%d", "%m/%d/%Y"):
            body = [
                [what, f"{wall:{pattern}}", f"{wall:%H:%M}", f"{last:%H:%M}", value, unit, "$1", ""]
                for wall, last, value in zip(sample.walls, lasts, sample.values, strict=True)
            ]
            header = ["TYPE", "DATE", "START TIME", "END TIME", "USAGE", "UNITS", "COST", "NOTES"]
            data = text(header, body)
            name = f"{sample.meter}: a utility's table with dates {pattern}"
            cases.append(sample.case(name, data, Taken(rows=rows)))
            name = f"{sample.meter}: a utility's table below its titles with dates {pattern}"
            cases.append(sample.case(name, above + data, Taken(rows=rows)))
        united = ["TYPE", "DATE", "START TIME", "END TIME", f"USAGE ({unit})", "COST", "NOTES"]
        body = [[*row[:5], *row[6:]] for row in body]
        data = above + text(united, body)
        cases.append(
            sample.case(
                f"{sample.meter}: a utility's table with its unit in the header",
                data,
                Taken(rows=rows),
            )
        )
    return cases


CASES = [*documents(), *shapes(), *exports(), *utility_tables()]
