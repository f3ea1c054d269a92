"""What electricity and water files look like: columns, spellings, units and bounds.

Spellings are listed for people in docs/file_formats.md.
"""

from typing import Final

from energy_assets.contracts.consumption import MeterType
from energy_assets.intake.cells.identifiers import plain_name
from energy_assets.intake.file_kind import FileKind, IntervalLabel, ValueField
from energy_assets.intake.units import Quantity

METER_COLUMN: Final = "METER_ID"
"""Header of the column that names the meter, in files that we write."""

MAX_METER_CHARACTERS: Final = 250
"""No file name is longer, and so no meter id."""

LARGEST_CONSUMPTION: Final = 1e10
"""No interval holds more kWh or m3."""

LARGEST_REGISTER: Final = 1e13
"""No meter counts more kWh or m3."""

INTERVALS_MINUTES: Final = (
    5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440,
)  # fmt: skip
"""Intervals that values may have: parts of an hour, hours that divide a day, a day."""

_QUANTITIES: Final[dict[MeterType, Quantity]] = {"electricity": "energy", "water": "volume"}

_CONSUMPTION: Final = (
    "consumption usage use used energy volume value load demand power flow diff difference delta "
    "amount quantity units1"
)

_REGISTER: Final = (
    "register meterreading reading index meterindex registerreading counter totalizer totaliser "
    "cumulative cumulativeconsumption meterregister counterreading "
    "zaehlerstand zhlerstand stand lectura relev releve"
)

_QUALIFIERS: Final = (
    "total net gross metered measured actual electricity electric electrical water active hourly "
    "halfhourly daily interval intervals energy delivered household customer meter"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def meter_name(text: str | None) -> tuple[str, str]:
    """The meter id that a cell means, and a fault."""
    name, fault = plain_name(text)
    return ("", "overlong") if len(name) > MAX_METER_CHARACTERS else (name, fault)


def consumption_kind(
    meter_type: MeterType, *, unit: str, label: IntervalLabel = "start"
) -> FileKind:
    """What files of one meter type look like.

    A file with an interval column and a register is read by its register. Without either, the only
    column that ends in a unit of the meter type is the consumption: `PJME_MW`.

    Args:
        meter_type: What the files measure.
        unit: Unit of the values where the header names none.
        label: Which end of its interval a time marks, where the header does not say.
    """
    quantity = _QUANTITIES[meter_type]
    smallest = float("-inf") if meter_type == "electricity" else 0.0
    values = (
        ValueField(
            name="consumption",
            quantity=quantity,
            spellings=_words(_CONSUMPTION),
            unit=unit,
            minimum=max(smallest, -LARGEST_CONSUMPTION),
            maximum=LARGEST_CONSUMPTION,
            essential=True,
        ),
        ValueField(
            name="register",
            quantity=quantity,
            spellings=_words(_REGISTER),
            stems=_words(_CONSUMPTION),
            unit=unit,
            minimum=0.0,
            maximum=LARGEST_REGISTER,
            essential=True,
            is_register=True,
        ),
        ValueField(
            name="temperature_c",
            quantity="temperature",
            spellings=_words(
                "temperature temp outdoortemperature outsidetemperature airtemperature "
                "ambienttemperature outdoortemp outsidetemp airtemp drybulb drybulbtemperature"
            ),
            minimum=-90.0,
            maximum=60.0,
        ),
    )
    return FileKind(
        meter=_words(
            "meterid meter meterno meternumber serial serialno serialnumber meterserial userkey "
            "userid deviceid device sensorid meterserialnumber"
        ),
        meter_title=METER_COLUMN,
        meter_noun="meter",
        values=values,
        wanted={"consumption": "Consumption", "register": "a cumulative Register"},
        instead={"consumption": "register"},
        bare_unit="consumption",
        qualifiers=_words(_QUALIFIERS),
        stamp="start",
        label=label,
        intervals=INTERVALS_MINUTES,
        only_intervals=True,
        bare_dates=True,
        identify=meter_name,
        meters_from_names=True,
        reason_without_value="no_consumption",
    )
