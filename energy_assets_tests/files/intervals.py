"""Stretches of another interval: a thin day does not overrule a month."""

from datetime import timedelta

from energy_assets_tests.files.builders import Sample, delivery, registers, text, utc
from energy_assets_tests.files.cases import Case, Delivery, Either, Rows, Taken

MONTHS = (
    Sample(kind="electricity", start=utc(2026, 4, 1), count=30 * 96, minutes=15, meter="silo"),
    Sample(kind="electricity", start=utc(2026, 1, 5), count=21 * 48, minutes=30, meter="dam"),
)
PROFILE = Sample(kind="load_profiles", start=utc(2026, 3, 3), count=12 * 96, minutes=15)
WATER = Sample(kind="water", start=utc(2025, 11, 3), count=14 * 96, minutes=15, meter="creek")


def thin_days() -> list[Case]:
    """One day of hours among weeks of quarter hours."""
    cases = []
    for sample in MONTHS:
        for day in (0, sample.count // 96 // 2, None):
            size = 1440 // sample.minutes
            first = sample.count - size if day is None else day * size
            inside = range(first, first + size)
            per_hour = 60 // sample.minutes
            numbers = range(sample.count)
            keep = [i for i in numbers if i not in inside or (i - first) % per_hour == 0]
            table = sample.table()
            data = text(sample.header(value="Load (kW)"), [table[i] for i in keep])
            hours = sample.minutes / 60
            certain: Rows = {}
            doubtful: Rows = {}
            for i in keep:
                kw = float(sample.values[i])
                key = (sample.meter, sample.instants[i])
                if i in inside:
                    # A value an hour: the mean of its hour, or of the quarter of an hour it names.
                    doubtful[key] = ({"consumption": kw}, {"consumption": kw * hours})
                else:
                    certain[key] = {"consumption": kw * hours}
            where = "last" if day is None else "first" if day == 0 else "a middle"
            name = f"{where} day of hours among {sample.minutes} min of power"
            expect = Either(rows=doubtful, certain=certain, may_refuse=False)
            cases.append(sample.case(name, data, expect))
    for sample in (PROFILE, WATER):
        size = 1440 // sample.minutes
        keep = [i for i in range(sample.count) if i >= size or i % 4 == 0]
        table, keys = sample.table(), list(sample.rows)
        data = text(sample.header(), [table[i] for i in keep])
        meter = sample.meter if sample.owner else f"{sample.kind}/{sample.meter}"
        expect = Taken(
            rows={keys[i]: sample.rows[keys[i]] for i in keep},
            intervals={meter: sample.minutes},
        )
        name = "a first day of hours does not make the month hourly"
        cases.append(sample.case(name, data, expect))
    return cases


def short_deliveries() -> list[Case]:
    """A delivery of one thin day after a month."""
    cases = []
    for sample in (*MONTHS, WATER):
        after = sample.instants[-1] + timedelta(minutes=sample.minutes)
        day = sample.moved(after, count=24, minutes=60, first=2)
        unit = "Load (kW)" if sample.kind == "electricity" else "Flow (m3/h)"
        hours = sample.minutes / 60
        whole = text(sample.header(value=unit), sample.table())
        rows = sample.stored([float(value) * hours for value in sample.values])
        thin: Rows = {
            (day.meter, instant): ({"consumption": float(v)}, {"consumption": float(v) * hours})
            for instant, v in zip(day.instants, day.values, strict=True)
        }
        later = Delivery(
            name=f"later/{sample.file}", data=text(day.header(value=unit), day.table()),
            expect=Either(rows=thin),
        )  # fmt: skip
        cases.append(
            sample.of(f"a thin day of power after a month of {sample.minutes} min",
                      delivery(sample.file, whole, rows), later)
        )  # fmt: skip
    return cases


def thin_deliveries_of_energy() -> list[Case]:
    """The same with energy or registers: the interval stays what it was."""
    cases = []
    for sample in (PROFILE, WATER, MONTHS[1]):
        month = sample.moved(sample.start, count=sample.count // 2)
        after = month.instants[-1] + timedelta(minutes=month.minutes)
        day = month.moved(after, count=24, minutes=60)
        values = registers(day.values, start="5000.5") if month.owner else day.values
        data = text(day.header(), day.table(values=values))
        rows = day.stored([float(value) for value in values])
        meter = month.meter if month.owner else f"{month.kind}/{month.meter}"
        thin = delivery(f"later/{month.file}", data, rows, intervals={meter: month.minutes})
        name = f"a thin day after a month of {month.minutes} min does not change the interval"
        cases.append(month.of(name, delivery(month.file, month.text(), month.rows), thin))
    return cases


def ends_of_powers() -> list[Case]:
    """Mean powers labelled by their ends, and registers that ignore the label."""
    cases = []
    for sample in (*MONTHS, WATER):
        short = sample.moved(sample.start, count=120)
        step = timedelta(minutes=short.minutes)
        rows = [
            [f"{wall + step:%Y-%m-%d %H:%M}", value]
            for wall, value in zip(short.walls, short.values, strict=True)
        ]
        unit = "Load (kW)" if sample.kind == "electricity" else "Flow (m3/h)"
        stored = short.stored([float(v) * short.minutes / 60 for v in short.values])
        data = text(short.header(value=unit), rows)
        name = f"powers of {short.minutes} min ending"
        cases.append(short.case(name, data, Taken(rows=stored), label="end"))
        counts = registers(short.values, start="50.25")
        data = text(short.header(value="Meter Reading"), short.table(values=counts))
        stored = short.stored([float(count) for count in counts], field="register")
        name = f"a register of {short.minutes} min is read at its time, whatever the label"
        cases.append(short.case(name, data, Taken(rows=stored), label="end"))
    return cases


CASES = [*thin_days(), *short_deliveries(), *thin_deliveries_of_energy(), *ends_of_powers()]
