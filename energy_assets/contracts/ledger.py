"""Contract of how wrong issued forecasts were, once it is known what happened: all flows."""

from typing import Final, Literal

from resources.tables import Column, Index, Table

Flow = Literal["customer_load", "consumption"]
"""Whose forecasts are scored; grid and appliances are to follow."""

Resolution = Literal["hourly", "daily"]
"""Rows of a forecast: at the series' own interval, whatever its length, or by the local day."""

SUMS: Final[tuple[Column, ...]] = (
    Column(name="rows", kind="int", minimum=1, meaning="Scored intervals."),
    Column(name="actual_sum", kind="float", paths=("actualSum",), meaning="Sum of what happened."),
    Column(
        name="absolute_actual_sum",
        kind="float",
        paths=("absoluteActualSum",),
        minimum=0,
        meaning="Sum of its absolute values: what the absolute errors are a share of.",
    ),
    Column(
        name="mean_sum",
        kind="float",
        paths=("meanSum",),
        meaning="Sum of the expected values; of medians where none was issued.",
    ),
    Column(
        name="absolute_error_sum",
        kind="float",
        paths=("absoluteErrorSum",),
        minimum=0,
        meaning="Sum of absolute errors of the median.",
    ),
    Column(
        name="squared_error_sum",
        kind="float",
        paths=("squaredErrorSum",),
        minimum=0,
        meaning="Sum of squared errors of the median.",
    ),
    Column(
        name="pinball_sum",
        kind="float",
        paths=("pinballSum",),
        minimum=0,
        meaning="Sum of the pinball losses, each the mean over the quantile levels.",
    ),
    Column(
        name="covered_90",
        kind="int",
        paths=("covered90",),
        minimum=0,
        meaning="Intervals whose value is inside the 5 % to 95 % band, its edges included.",
    ),
    Column(
        name="winkler_sum",
        kind="float",
        paths=("winklerSum",),
        minimum=0,
        meaning="Sum of the interval scores of the 5 % to 95 % band.",
    ),
)
"""What adds up over intervals, lead days and series: scores of any part are made of these."""

FORECAST_SCORES: Final = Table(
    name="forecast_scores",
    meaning="Every issued forecast by lead day against what happened, beside the seasonal naives.",
    columns=(
        Column(name="flow", kind="str", meaning="`customer_load` or `consumption`."),
        Column(
            name="series_key",
            kind="str",
            paths=("seriesKey",),
            meaning="Customer reference, or meter type, `/` and meter id.",
        ),
        Column(name="unit", kind="str", meaning="Of the sums: kWh or m3."),
        Column(name="issued_at", kind="instant", paths=("issuedAt",)),
        Column(
            name="origin_at",
            kind="instant",
            paths=("originAt",),
            meaning="Start of the first predicted interval: nothing from then on was known.",
        ),
        Column(
            name="resolution", kind="str", meaning="`hourly` (the series' interval) or `daily`."
        ),
        Column(
            name="lead_day",
            kind="int",
            paths=("leadDay",),
            minimum=1,
            maximum=14,
            meaning="1 for the first 24 hours after the origin; of daily rows, for its local day.",
        ),
        Column(
            name="valid_at",
            kind="instant",
            paths=("validAt",),
            meaning="Start of the lead day's first interval.",
        ),
        Column(
            name="family",
            kind="str",
            meaning="What forecast: `bilstm`, `xgboost`, another family, or a seasonal "
            "naive, `naive_…`.",
        ),
        Column(
            name="served",
            kind="bool",
            meaning="Whether this is the forecast that was issued, or stands beside it.",
        ),
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(name="basis", kind="str", meaning="Of its rows, all that occur."),
        Column(name="weather", kind="str", meaning="Which weather they rest on, all that occur."),
        *SUMS,
        Column(name="scored_at", kind="instant", paths=("scoredAt",)),
        Column(
            name="known_at",
            kind="instant",
            paths=("knownAt",),
            meaning="When the newest of the values became known that it was scored by.",
        ),
    ),
    key=("flow", "series_key", "issued_at", "resolution", "lead_day", "family"),
    indexes=(Index(columns=("valid_at",)),),
)
"""One row per series, issue, resolution, lead day and family; a correction replaces it."""
