"""Contracts of what was learned and predicted of electricity and water meters."""

from typing import Final, Literal

from energy_assets.contracts.columns import forecast_columns, model_columns, score_columns
from resources.tables import Column, Index, Table

ValueType = Literal["historical", "missing", "forecast"]
"""What a value of a date range is: measured, not known though past, or predicted."""

WeatherBasis = Literal["forecast", "observation", "normal", "none"]
"""Which weather a forecast or a score rests on: archived forecasts known at the origin, weather
that was measured later, what is usual at the time of the year, or none."""

_METER: Final = (
    Column(name="meter_type", kind="str", paths=("meterType",)),
    Column(name="meter_id", kind="str", paths=("meterId",)),
)

CONSUMPTION_MODEL: Final = Table(
    name="consumption_model",
    meaning="Every gradient-boosted model ever trained; the newest of a meter serves.",
    columns=(
        *_METER,
        *model_columns(
            data="Trees as UBJ.",
            metadata="Features, parameters, bands, seed, data range, library versions.",
            learned_from="End of the newest interval that it learned from.",
            spelling="camel",
        ),
    ),
    key=("model_id",),
    indexes=(Index(columns=("meter_type", "meter_id", "-trained_at")),),
)
"""One row per model version; rows are only ever added."""

CONSUMPTION_SCORE: Final = Table(
    name="consumption_score",
    meaning="Scores of each model and each seasonal naive on the same chronological test rows.",
    columns=(
        *_METER,
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(name="weather", kind="str", meaning="What the scored forecasts knew: WeatherBasis."),
        *score_columns(
            "",
            families="`xgboost`, another family, or a seasonal naive, `naive_…`.",
            spelling="camel",
        ),
        Column(name="rmse", kind="float", nullable=True, minimum=0),
        Column(
            name="mape_percent",
            kind="float",
            paths=("mapePercent",),
            nullable=True,
            unit="%",
            minimum=0,
            meaning="Mean absolute percentage error over the rows that are not zero.",
        ),
        Column(
            name="mean_accuracy_percent",
            kind="float",
            paths=("meanAccuracyPercent",),
            nullable=True,
            unit="%",
            meaning="100 less the mean absolute percentage error.",
        ),
        Column(
            name="alternative_accuracy_percent",
            kind="float",
            paths=("alternativeAccuracyPercent",),
            nullable=True,
            unit="%",
            meaning="100 less RMSE as a percentage of the mean.",
        ),
        Column(
            name="category",
            kind="str",
            nullable=True,
            meaning="`excellent`, `good`, `fair` or `poor`, by r2_score.",
        ),
    ),
    key=("meter_type", "meter_id", "model_id", "family", "weather"),
)
"""One row per meter, model version, family and kind of weather."""

CONSUMPTION_FORECAST: Final = Table(
    name="consumption_forecast",
    meaning="Every forecast ever issued, by the hour and by the day; history is kept.",
    columns=(
        *_METER,
        Column(
            name="resolution", kind="str", meaning="`hourly` (the meter's interval) or `daily`."
        ),
        Column(name="issued_at", kind="instant", paths=("issuedAt",)),
        Column(
            name="valid_at",
            kind="instant",
            paths=("validAt",),
            meaning="Start of the interval, or of the local day.",
        ),
        Column(
            name="value",
            kind="float",
            meaning="Median of the consumption in the interval: kWh of electricity, negative "
            "where more is exported than used; m3 of water, never negative.",
        ),
        *forecast_columns(
            "",
            basis="`xgboost`, `no_weather`, another family (`kernel`, `pooled`, `combination`) "
            "or a seasonal naive, `naive_…`.",
            imputed="Share of the last 14 days before the origin that was missing.",
            spelling="camel",
            minimum=None,
        ),
        Column(
            name="temperature_c",
            kind="float",
            paths=("temperature",),
            nullable=True,
            unit="°C",
            meaning="The temperature that was expected when the forecast was issued.",
        ),
        Column(name="weather", kind="str", meaning="Which weather it rests on: WeatherBasis."),
    ),
    key=("meter_type", "meter_id", "resolution", "issued_at", "valid_at"),
)
"""One row per meter, resolution, issue and interval."""

CONSUMPTION_EXPLANATION: Final = Table(
    name="consumption_explanation",
    meaning="Why each forecast is what it is: the features that moved it most.",
    columns=(
        *_METER,
        Column(name="issued_at", kind="instant", paths=("issuedAt",)),
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(name="lines", kind="json", meaning="Five sentences for people."),
        Column(
            name="contributions",
            kind="json",
            meaning="Mean contribution of every feature over the forecast, in its unit.",
        ),
    ),
    key=("meter_type", "meter_id", "issued_at"),
)
"""One row per meter and issue."""

LEAK_SUSPICION: Final = Table(
    name="leak_suspicion",
    meaning="Nightly judgement on water meters that never stop flowing, with the evidence.",
    columns=(
        *_METER,
        Column(name="judged_at", kind="instant", paths=("judgedAt",)),
        Column(name="suspected", kind="bool"),
        Column(
            name="night_flow_m3_per_h",
            kind="float",
            paths=("nightFlow",),
            nullable=True,
            unit="m3/h",
            minimum=0,
            meaning="Smallest hourly flow of the nights looked at.",
        ),
        Column(name="evidence", kind="json", meaning="What the judgement rests on."),
    ),
    key=("meter_type", "meter_id", "judged_at"),
)
"""One row per water meter and judgement."""

CONSUMPTION_TABLES: Final[tuple[Table, ...]] = (
    CONSUMPTION_MODEL,
    CONSUMPTION_SCORE,
    CONSUMPTION_FORECAST,
    CONSUMPTION_EXPLANATION,
    LEAK_SUSPICION,
)
"""The tables of this module, for creating them."""
