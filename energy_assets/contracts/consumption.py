"""Contracts of electricity and water: what meters used, where they are, and the weather there.

Learned models, scores and forecasts of these meters are in `consumption_forecasts`.
"""

from typing import Final, Literal, get_args

from resources.tables import Column, Index, Table, TimeSeries

MeterType = Literal["electricity", "water"]
"""What a meter of this flow measures."""

METER_TYPES: Final[tuple[MeterType, ...]] = get_args(MeterType)
"""All kinds of meters of this flow."""

UNITS: Final[dict[MeterType, str]] = {"electricity": "kWh", "water": "m3"}
"""The unit in which each kind of consumption is stored; files may use others."""

WeatherKind = Literal["forecast", "observation", "normal"]
"""What a weather value is: predicted, measured, or what is usual at that time of the year."""

ENERGY_CONSUMPTION: Final = Table(
    name="energy_consumption",
    meaning="Every value that electricity and water meters reported; a correction is a version.",
    columns=(
        Column(name="meter_type", kind="str", meaning="`electricity` or `water`."),
        Column(name="meter_id", kind="str", meaning="As the file is named, or its meter column."),
        Column(
            name="version",
            kind="int",
            minimum=1,
            meaning="1 for the first value, one more for each correction.",
            absent=1,
        ),
        Column(
            name="timestamp",
            kind="instant",
            meaning="Start of the interval; of a register, when it was read. UTC.",
        ),
        Column(
            name="consumption",
            kind="float",
            nullable=True,
            meaning="Used in the interval: kWh of electricity, below zero where more was exported "
            "than used; m3 of water, never negative.",
        ),
        Column(
            name="register",
            kind="float",
            nullable=True,
            minimum=0,
            meaning="Cumulative reading at `timestamp`: kWh of electricity, m3 of water.",
        ),
        Column(
            name="temperature_c",
            kind="float",
            paths=("temperature",),
            nullable=True,
            unit="°C",
            minimum=-90,
            maximum=60,
            meaning="Outdoor temperature that the file gives beside the value.",
        ),
        Column(
            name="known_at",
            kind="instant",
            meaning="When the file arrived in the object store, UTC.",
        ),
        Column(name="file_id", kind="str", meaning="The file that brought the value."),
    ),
    key=("meter_type", "meter_id", "timestamp", "version"),
    time_series=TimeSeries(time_column="timestamp", meta_field="metadata", granularity="minutes"),
)
"""One point per meter, instant and version. Either `consumption` or `register` is set."""

WEATHER: Final = Table(
    name="weather",
    meaning="Every answer of every weather provider, as it was known at each moment.",
    columns=(
        Column(name="location", kind="str", meaning="Name of the location."),
        Column(name="provider", kind="str", meaning="Who said so."),
        Column(name="kind", kind="str", meaning="`forecast`, `observation` or `normal`."),
        Column(name="issued_at", kind="instant", meaning="When the answer was received, UTC."),
        Column(name="valid_at", kind="instant", meaning="Hour that it is about, UTC."),
        Column(
            name="temperature_c",
            kind="float",
            paths=("temperature",),
            unit="°C",
            minimum=-90,
            maximum=60,
            meaning="Air temperature at 2 m.",
        ),
    ),
    key=("location", "provider", "kind", "issued_at", "valid_at"),
    time_series=TimeSeries(time_column="valid_at", meta_field="metadata", granularity="hours"),
)
"""One point per location, provider, kind, answer and hour."""

LOCATIONS: Final = Table(
    name="locations",
    meaning="Named places with weather, calendar and clock.",
    columns=(
        Column(name="name", kind="str"),
        Column(name="latitude", kind="float", unit="°", minimum=-90, maximum=90),
        Column(name="longitude", kind="float", unit="°", minimum=-180, maximum=180),
        Column(name="zone", kind="str", meaning="IANA time zone of calendar features."),
        Column(
            name="country",
            kind="str",
            nullable=True,
            meaning="ISO 3166 code whose public holidays count; null for none.",
        ),
        Column(name="updated_at", kind="instant", paths=("updatedAt",)),
    ),
    key=("name",),
)
"""One row per location."""

CONSUMPTION_METERS: Final = Table(
    name="consumption_meters",
    meaning="Electricity and water meters, and how their files report.",
    columns=(
        Column(name="meter_type", kind="str", paths=("meterType",)),
        Column(name="meter_id", kind="str", paths=("meterId",)),
        Column(
            name="location",
            kind="str",
            nullable=True,
            meaning="Name of its location; null for the default one.",
        ),
        Column(
            name="interval_minutes",
            kind="int",
            paths=("intervalMinutes",),
            nullable=True,
            unit="min",
            meaning="Interval of its values; null for a register that is read at odd times.",
        ),
        Column(
            name="is_register",
            kind="bool",
            paths=("isRegister",),
            nullable=True,
            meaning="Whether it reports a cumulative register.",
        ),
        Column(name="first_timestamp", kind="instant", paths=("firstTimestamp",), nullable=True),
        Column(name="last_timestamp", kind="instant", paths=("lastTimestamp",), nullable=True),
        Column(name="updated_at", kind="instant", paths=("updatedAt",)),
    ),
    key=("meter_type", "meter_id"),
    indexes=(Index(columns=("location",)),),
)
"""One row per meter of this flow."""

SERIES_TABLES: Final[tuple[Table, ...]] = (ENERGY_CONSUMPTION, WEATHER)
"""Tables of the series store."""
