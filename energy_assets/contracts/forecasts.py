"""Contracts of what was learned and predicted: models, their versions and scores, forecasts."""

from typing import Final

from resources.tables import Column, Index, Table

QUANTILES: Final[tuple[float, ...]] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantile levels of every probabilistic forecast."""

QUANTILE_NAMES: Final[tuple[str, ...]] = tuple(f"q{round(level * 100):02d}" for level in QUANTILES)
"""Column names of the quantiles: q05 to q95."""

CUSTOMER_MODEL: Final = Table(
    name="customer_model",
    meaning="The model that serves each customer now.",
    columns=(
        Column(name="customer_ref", kind="str", paths=("customerRef",)),
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(
            name="model_data",
            kind="bytes",
            paths=("model_data",),
            meaning="Weights as safetensors.",
        ),
        Column(
            name="model_metadata",
            kind="json",
            paths=("model_metadata",),
            meaning="Features, scaler, shape, seed, data range and library versions.",
        ),
        Column(
            name="basis",
            kind="str",
            meaning="`customer` for its own weights, `shared` for the shared model's.",
        ),
        Column(
            name="mse",
            kind="float",
            nullable=True,
            unit="kWh2",
            minimum=0,
            meaning="Mean squared error of the interval energy on the test windows.",
        ),
        Column(
            name="r2_score",
            kind="float",
            nullable=True,
            maximum=1,
            meaning="Coefficient of determination on the test windows.",
        ),
        Column(
            name="last_trained_data_timestamp",
            kind="instant",
            paths=("last_trained_data_timestamp",),
            meaning="Newest reading it learned from.",
        ),
        Column(name="trained_at", kind="instant", paths=("trained_at",)),
    ),
    key=("customer_ref",),
)
"""One row per customer, replaced at each training."""

MODEL_VERSIONS: Final = Table(
    name="customer_model_versions",
    meaning="Every model ever trained, so that any past forecast can be made again.",
    columns=(
        *(c for c in CUSTOMER_MODEL.columns if c.name != "customer_ref"),
        Column(name="customer_ref", kind="str", paths=("customerRef",)),
    ),
    key=("model_id",),
    indexes=(Index(columns=("customer_ref", "-trained_at")),),
)
"""One row per model version; rows are only ever added. The shared model's customer is `*`."""

CUSTOMER_SCORE: Final = Table(
    name="customer_score",
    meaning="Scores of each model version and each baseline on the same test rows.",
    columns=(
        Column(name="customer_ref", kind="str", paths=("customerRef",)),
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(
            name="family",
            kind="str",
            meaning="`bilstm`, `naive_yesterday`, `naive_last_week` or `naive_four_weeks`.",
        ),
        Column(name="window_start_at", kind="instant", paths=("windowStartAt",)),
        Column(name="window_end_at", kind="instant", paths=("windowEndAt",)),
        Column(name="rows", kind="int", minimum=0, meaning="Scored intervals."),
        Column(name="mae", kind="float", nullable=True, unit="kWh", minimum=0),
        Column(
            name="wape",
            kind="float",
            nullable=True,
            minimum=0,
            meaning="Sum of absolute errors over sum of actual energy.",
        ),
        Column(
            name="mase",
            kind="float",
            nullable=True,
            minimum=0,
            meaning="MAE over the MAE of last week's values on the training part.",
        ),
        Column(name="mse", kind="float", nullable=True, unit="kWh2", minimum=0),
        Column(name="r2_score", kind="float", nullable=True, maximum=1),
        Column(
            name="pinball",
            kind="float",
            nullable=True,
            unit="kWh",
            minimum=0,
            meaning="Mean pinball loss over the quantile levels.",
        ),
        Column(
            name="coverage_90",
            kind="float",
            nullable=True,
            minimum=0,
            maximum=1,
            meaning="Share of actual values inside the 5 % to 95 % band.",
        ),
        Column(name="scored_at", kind="instant", paths=("scoredAt",)),
    ),
    key=("customer_ref", "model_id", "family"),
)
"""One row per customer, model version and family."""

CUSTOMER_PREDICTION: Final = Table(
    name="customer_prediction",
    meaning="Every forecast ever issued; history is kept.",
    columns=(
        Column(name="customer_ref", kind="str", paths=("customerRef",)),
        Column(
            name="prediction_timestamp",
            kind="instant",
            paths=("prediction_timestamp",),
            meaning="End of the interval: when the register will show `predicted_import_kwh`.",
        ),
        Column(
            name="issued_at",
            kind="instant",
            paths=("issued_at",),
            meaning="When the forecast was made; no later knowledge is in it.",
        ),
        Column(
            name="valid_at", kind="instant", paths=("valid_at",), meaning="Start of the interval."
        ),
        Column(
            name="generated_at",
            kind="instant",
            paths=("generated_at",),
            meaning="When the row was written.",
        ),
        Column(
            name="predicted_usage",
            kind="float",
            unit="kWh",
            minimum=0,
            meaning="Energy in the interval, median.",
        ),
        Column(
            name="predicted_import_kwh",
            kind="float",
            nullable=True,
            unit="kWh",
            minimum=0,
            meaning="Cumulative import register at the end of the interval.",
        ),
        *(
            Column(
                name=name,
                kind="float",
                unit="kWh",
                minimum=0,
                meaning=f"{level:.0%} quantile of the energy in the interval.",
            )
            for name, level in zip(QUANTILE_NAMES, QUANTILES, strict=True)
        ),
        Column(name="model_id", kind="str", paths=("model_id",)),
        Column(
            name="basis",
            kind="str",
            meaning="What served it: `customer`, `shared` or a seasonal naive.",
        ),
        Column(
            name="imputed_share",
            kind="float",
            paths=("imputed_share",),
            minimum=0,
            maximum=1,
            meaning="Share of the last 48 hours that was missing and filled in.",
        ),
    ),
    key=("customer_ref", "prediction_timestamp", "issued_at"),
    indexes=(Index(columns=("customer_ref", "-prediction_timestamp")),),
)
"""One row per customer, interval and issue."""
