"""Contracts of what was learned and predicted: models, their versions and scores, forecasts."""

from typing import Final

from energy_assets.contracts.columns import (
    QUANTILE_NAMES,
    QUANTILES,
    forecast_columns,
    model_columns,
    score_columns,
)
from resources.tables import Column, Index, Table

__all__ = [
    "CUSTOMER_MODEL",
    "CUSTOMER_PREDICTION",
    "CUSTOMER_SCORE",
    "MODEL_VERSIONS",
    "QUANTILES",
    "QUANTILE_NAMES",
]

CUSTOMER_MODEL: Final = Table(
    name="customer_model",
    meaning="The model that serves each customer now.",
    columns=(
        Column(name="customer_ref", kind="str", paths=("customerRef",)),
        *model_columns(
            data="Weights as safetensors.",
            metadata="Features, scaler, shape, seed, data range and library versions.",
            learned_from="Newest reading it learned from.",
            spelling="snake",
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
        *score_columns(
            "kWh",
            families="`bilstm`, another family, or a seasonal naive, `naive_…`.",
            spelling="snake",
        ),
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
            meaning="Import register expected at the end of the interval: its last reading and the "
            "means since.",
        ),
        *forecast_columns(
            "kWh",
            basis="What served it: `customer`, `shared`, another family (`xgboost`, `kernel`, "
            "`pooled`, `combination`) or a seasonal naive, `naive_…`.",
            imputed="Share of what it looks back on that was missing: of the last 48 hours for "
            "`customer` and `shared`, of the last 14 days for all others.",
            spelling="snake",
        ),
    ),
    key=("customer_ref", "prediction_timestamp", "issued_at"),
    indexes=(Index(columns=("customer_ref", "-prediction_timestamp")),),
)
"""One row per customer, interval and issue."""
