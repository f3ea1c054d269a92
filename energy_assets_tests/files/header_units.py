"""Units in headers, of every quantity, and columns and rows of units. Converted, or refused."""

from energy_assets_tests.files.builders import Sample, text, utc
from energy_assets_tests.files.cases import Case, Either, Refused, Rows, Taken

US_GALLON = 231 * 16.387064e-6
"""231 cubic inches of 16.387064 ml. [m3]"""
CUBIC_FOOT = 1_728 * 16.387064e-6
"""1,728 cubic inches. [m3]"""

QUARTERS = Sample(kind="electricity", start=utc(2026, 5, 3), count=96, minutes=15, meter="flat 3")
HALVES = Sample(kind="electricity", start=utc(2025, 11, 28), count=48, minutes=30, meter="Büro")
HOURS = Sample(kind="electricity", start=utc(2026, 2, 27), count=60, minutes=60, meter="007")
WATER = Sample(kind="water", start=utc(2026, 1, 30), count=72, minutes=60, meter="cottage")
WATER_QUARTERS = Sample(kind="water", start=utc(2026, 4, 12), count=96, minutes=15, meter="w15")
PROFILE = Sample(kind="load_profiles", start=utc(2026, 3, 2), count=48, minutes=30)

ELECTRICITY: list[tuple[Sample, str, float, bool]] = [
    # sample, header, kWh (or kW) in one of its unit, whether it is mean power
    (QUARTERS, "Consumption (Wh)", 1e-3, False),
    (HALVES, "Energy [MWh]", 1e3, False),
    (HOURS, "Energy_MWh", 1e3, False),
    (HOURS, "Energy (GWh)", 1e6, False),
    (QUARTERS, "USAGE kWh", 1, False),
    (HALVES, "Consumption in Wh", 1e-3, False),
    (HOURS, "Usage / kWh", 1, False),
    (QUARTERS, "Load (W)", 1e-3, True),
    (HALVES, "Demand (kW)", 1, True),
    (HALVES, "Power [MW]", 1e3, True),
    (HOURS, "Load_W", 1e-3, True),
    (HALVES, "Consumption (kWh/h)", 1, True),
    (QUARTERS, "Energy [kWh/h]", 1, True),
]
VOLUMES: list[tuple[Sample, str, float, bool]] = [
    (WATER, "Consumption (m³)", 1, False),
    (WATER_QUARTERS, "Volume [litres]", 1e-3, False),
    (WATER, "usage_L", 1e-3, False),
    (WATER, "Consumption (US gal)", US_GALLON, False),
    (WATER_QUARTERS, "Usage (gallons)", US_GALLON, False),
    (WATER, "Usage (CCF)", 100 * CUBIC_FOOT, False),
    (WATER, "Water Consumption (HCF)", 100 * CUBIC_FOOT, False),
    (WATER_QUARTERS, "Consumption (ft3)", CUBIC_FOOT, False),
    (WATER, "Volume (cu ft)", CUBIC_FOOT, False),
    (WATER_QUARTERS, "Flow (m3/h)", 1, True),
    (WATER, "Flow [l/h]", 1e-3, True),
    (WATER_QUARTERS, "Flow (l/min)", 60e-3, True),
    (WATER, "Consumption (kl)", 1, False),
]
READINGS: list[tuple[str, str, float]] = [
    # header beside a register in kWh, field, factor to the unit that is stored
    ("AVG._IMPORT_KW (W)", "avg_import_kw", 1e-3),
    ("AVG._IMPORT_KW [MW]", "avg_import_kw", 1e3),
    ("PHASE_A_INST._CURRENT (mA)", "phase_a_current", 1e-3),
    ("PHASE_B_INST._VOLTAGE (kV)", "phase_b_voltage", 1e3),
    ("IMPORT_KVARH (varh)", "import_kvarh", 1e-3),
    ("AVG._IMPORT_KVA (VA)", "avg_import_kva", 1e-3),
    ("EXPORT_KWH (Wh)", "export_kwh", 1e-3),
    ("AVG._VOLTAGE (mV)", "avg_voltage", 1e-3),
]


def converted(sample: Sample, factor: float, *, is_power: bool = False) -> Rows:
    """The values of a sample in the stored unit."""
    hours = sample.minutes / 60 if is_power else 1.0
    return sample.stored([float(value) * factor * hours for value in sample.values])


def header_cases() -> list[Case]:
    """A unit in the header of interval values."""
    return [
        sample.case(
            f"the unit of {header!r} counts, {sample.minutes} min",
            text(sample.header(value=header), sample.table(), delimiter=delimiter),
            # A spelling that was understood before must stay; a rarer one may be refused.
            Either(rows=converted(sample, factor, is_power=is_power)),
        )
        for index, (sample, header, factor, is_power) in enumerate([*ELECTRICITY, *VOLUMES])
        for delimiter in [",;\t"[index % 3]]
    ]


def known_units() -> list[Case]:
    """Units that are documented: no refusal is right."""
    known = [
        (QUARTERS, "Consumption (Wh)", 1e-3, False),
        (HOURS, "Energy [MWh]", 1e3, False),
        (HALVES, "Load (kW)", 1, True),
        (WATER, "Volume (litres)", 1e-3, False),
        (WATER, "Consumption [gal]", US_GALLON, False),
        (WATER, "Consumption (CCF)", 100 * CUBIC_FOOT, False),
        (WATER_QUARTERS, "Flow (m3/h)", 1, True),
        (HALVES, "Usage (kWh/h)", 1, True),
        (WATER, "Water Consumption (US gal)", US_GALLON, False),
    ]
    quoted = text(HOURS.header(value='"Usage, kWh"'), HOURS.table())
    return [
        *(
            sample.case(
                f"{header!r} is converted and not refused",
                text(sample.header(value=header), sample.table()),
                Taken(rows=converted(sample, factor, is_power=is_power)),
            )
            for sample, header, factor, is_power in known
        ),
        HOURS.case("a quoted header with a comma before its unit is one column", quoted),
    ]


def reading_cases() -> list[Case]:
    """Units of load-profile columns, which were dropped."""
    cases = []
    for header, field, factor in READINGS:
        # 230.5, 231.5, ... of whatever unit: within every limit before and after.
        beside = [f"{230.5 + i}" for i in range(PROFILE.count)]
        rows = [[*row, extra] for row, extra in zip(PROFILE.table(), beside, strict=True)]
        stored: Rows = {
            key: {**row, field: float(extra) * factor}  # type: ignore[dict-item]
            for (key, row), extra in zip(PROFILE.rows.items(), beside, strict=True)
        }
        data = text([*PROFILE.header(), header], rows)
        cases.append(PROFILE.case(f"{header!r} is read in its unit", data, Either(rows=stored)))
    for header, factor in (("(Wh)", 1e-3), ("[MWh]", 1e3), ("in Wh", 1e-3), (" - MWh", 1e3)):
        data = text(PROFILE.header(value=f"IMPORT_KWH {header}"), PROFILE.table())
        cases.append(
            PROFILE.case(
                f"a register in IMPORT_KWH {header} is read in its unit", data,
                Either(rows=converted(PROFILE, factor)),
            )
        )  # fmt: skip
    return cases


def impossible() -> list[Case]:
    """Units that the quantity cannot have stop the file and are named."""
    wrong = [
        (PROFILE, "IMPORT_KWH (m3)", "m3"),
        (PROFILE, "IMPORT_KWH (furlong)", "furlong"),
        (PROFILE, "AVG._IMPORT_KW (°C)", ("°c", "'c'")),
        (HOURS, "Consumption (m3)", "m3"),
        (HOURS, "Usage [BTU/furlong]", ("btu", "furlong")),
        (WATER, "Usage (kWh)", "kwh"),
        (WATER, "Volume (acre)", "acre"),
    ]
    return [
        sample.case(
            f"{header!r} is refused by its unit",
            text(sample.header(value=header), sample.table()),
            Refused(names=(unit,)),
        )
        for sample, header, unit in wrong
    ]


def unit_columns() -> list[Case]:
    """A column beside the value says what unit it has."""
    cases = []
    kinds = [
        (QUARTERS, "Wh", 1e-3), (HOURS, "MWh", 1e3), (HALVES, "kWh", 1), (WATER, "gal", US_GALLON),
        (WATER_QUARTERS, "litres", 1e-3),
    ]  # fmt: skip
    for sample, unit, factor in kinds:
        for title in ("UNITS", "Unit of measure") if unit == "Wh" else ("Units",):
            rows = [[*row, unit] for row in sample.table()]
            data = text([*sample.header(value="USAGE"), title], rows)
            expect = Either(rows=converted(sample, factor))
            cases.append(sample.case(f"the column {title!r} of {unit} counts", data, expect))
    mixed = [[*row, "Wh" if i % 2 else "kWh"] for i, row in enumerate(HOURS.table())]
    factors = [1e-3 if i % 2 else 1.0 for i in range(HOURS.count)]
    stored = [float(v) * factor for v, factor in zip(HOURS.values, factors, strict=True)]
    data = text([*HOURS.header(value="USAGE"), "UNITS"], mixed)
    cases.append(
        HOURS.case("units that change by row are each read", data,
                   Either(rows=HOURS.stored(stored)))
    )  # fmt: skip
    strange = text(
        [*WATER.header(value="USAGE"), "UNITS"], [[*row, "kWh"] for row in WATER.table()]
    )
    cases.append(WATER.case("water in a column of kWh is no volume", strange, Either(rows={})))
    profile = [[*row, "Wh"] for row in PROFILE.table()]
    data = text([*PROFILE.header(value="IMPORT_KWH"), "UNIT"], profile)
    expect = Either(rows=converted(PROFILE, 1e-3))
    cases.append(PROFILE.case("a register with a column of Wh is no register of kWh", data, expect))
    return cases


def unit_rows() -> list[Case]:
    """A row of units below the header."""
    cases = []
    for sample, unit, factor in (
        (QUARTERS, "Wh", 1e-3), (HOURS, "(MWh)", 1e3), (WATER, "[l]", 1e-3),
        (WATER, "gal", US_GALLON),
    ):  # fmt: skip
        data = text(sample.header(value="Consumption"), [["UTC", unit], *sample.table()])
        expect = Either(rows=converted(sample, factor))
        cases.append(sample.case(f"a row of units below the header says {unit}", data, expect))
    rows = [["", "", "", "Wh"], *PROFILE.table()]
    data = text(PROFILE.header(value="IMPORT_KWH"), rows)
    expect = Either(rows=converted(PROFILE, 1e-3))
    cases.append(PROFILE.case("a row of units below the header says Wh", data, expect))
    return cases


def cumulative() -> list[Case]:
    """A column that says cumulative is a register whatever else it is called."""
    cases = []
    for sample, header in (
        (WATER, "Cumulative Usage (m3)"), (HOURS, "Cumulative Usage (kWh)"),
        (WATER_QUARTERS, "Total Cumulative Consumption (m3)"),
    ):  # fmt: skip
        counts = [f"{500 + 0.25 * i}" for i in range(sample.count)]
        data = text(sample.header(value=header), sample.table(values=counts))
        stored = sample.stored([float(count) for count in counts], field="register")
        cases.append(sample.case(f"{header!r} is a register", data, Either(rows=stored)))
    return cases


def setting_units() -> list[Case]:
    """Without a unit in the file the setting counts; with one the file does."""
    plain = text(WATER.header(value="Consumption"), WATER.table())
    stated = text(WATER.header(value="Consumption (m3)"), WATER.table())
    watts = text(HOURS.header(value="Consumption"), HOURS.table())
    return [
        WATER.case("litres are set for a file without a unit", plain,
                   Taken(rows=converted(WATER, 1e-3)), unit="l"),
        WATER.case("a unit in the file wins over the setting", stated, unit="l"),
        HOURS.case("watt hours are set for a file without a unit", watts,
                   Taken(rows=converted(HOURS, 1e-3)), unit="Wh"),
    ]  # fmt: skip


CASES = [
    *header_cases(), *known_units(), *reading_cases(), *impossible(), *unit_columns(),
    *unit_rows(), *cumulative(), *setting_units(),
]  # fmt: skip
