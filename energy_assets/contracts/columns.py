"""Factories of the columns that every flow's models, scores and forecasts share.

One shape for all flows; the published names of their fields differ by flow and are given here.
"""

from typing import Final, Literal

from resources.tables import Column

QUANTILES: Final[tuple[float, ...]] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantile levels of every probabilistic forecast."""

QUANTILE_NAMES: Final[tuple[str, ...]] = tuple(f"q{round(level * 100):02d}" for level in QUANTILES)
"""Column names of the quantiles: q05 to q95."""

Spelling = Literal["snake", "camel"]
"""How a flow's published collections spell the fields of a document."""


def field(name: str, spelling: Spelling) -> str:
    """The name of a column as a field of the published collections."""
    first, *others = name.split("_")
    return name if spelling == "snake" else first + "".join(part.capitalize() for part in others)


def model_columns(
    *, data: str, metadata: str, learned_from: str, spelling: Spelling
) -> tuple[Column, ...]:
    """Columns of a stored model.

    Args:
        data: What its bytes are.
        metadata: What its JSON holds.
        learned_from: What the newest instant that it learned from is.
        spelling: Of the fields, but for the model's id.
    """
    newest = "last_trained_data_timestamp"
    return (
        Column(name="model_id", kind="str", paths=("modelId",)),
        Column(
            name="model_data", kind="bytes", paths=(field("model_data", spelling),), meaning=data
        ),
        Column(
            name="model_metadata",
            kind="json",
            paths=(field("model_metadata", spelling),),
            meaning=metadata,
        ),
        Column(name=newest, kind="instant", paths=(field(newest, spelling),), meaning=learned_from),
        Column(name="trained_at", kind="instant", paths=(field("trained_at", spelling),)),
    )


def score_columns(unit: str, *, families: str, spelling: Spelling) -> tuple[Column, ...]:
    """Columns of the scores of one family on the test rows that all families share.

    Args:
        unit: Of the forecast values; empty where rows of several units share the table.
        families: Whose scores there are.
        spelling: Of the fields of shares and coefficients.
    """
    squared = "" if not unit else f"{unit}2"
    return (
        Column(name="family", kind="str", meaning=families),
        Column(name="window_start_at", kind="instant", paths=("windowStartAt",)),
        Column(name="window_end_at", kind="instant", paths=("windowEndAt",)),
        Column(name="rows", kind="int", minimum=0, meaning="Scored intervals."),
        Column(name="mae", kind="float", nullable=True, unit=unit, minimum=0),
        Column(
            name="wape",
            kind="float",
            nullable=True,
            minimum=0,
            meaning="Sum of absolute errors over sum of actual values.",
        ),
        Column(
            name="mase",
            kind="float",
            nullable=True,
            minimum=0,
            meaning="MAE over the MAE of last week's values on the training part.",
        ),
        Column(name="mse", kind="float", nullable=True, unit=squared, minimum=0),
        Column(
            name="r2_score",
            kind="float",
            paths=(field("r2_score", spelling),),
            nullable=True,
            maximum=1,
            meaning="Coefficient of determination.",
        ),
        Column(
            name="pinball",
            kind="float",
            nullable=True,
            unit=unit,
            minimum=0,
            meaning="Mean pinball loss over the quantile levels.",
        ),
        Column(
            name="coverage_90",
            kind="float",
            paths=(field("coverage_90", spelling),),
            nullable=True,
            minimum=0,
            maximum=1,
            meaning="Share of actual values inside the 5 % to 95 % band.",
        ),
        Column(
            name="total_bias",
            kind="float",
            paths=(field("total_bias", spelling),),
            nullable=True,
            meaning="Sum of expected values over sum of actual values, less one.",
        ),
        Column(name="scored_at", kind="instant", paths=("scoredAt",)),
    )


def forecast_columns(
    unit: str,
    *,
    basis: str,
    imputed: str,
    spelling: Spelling,
    minimum: float | None = 0,
) -> tuple[Column, ...]:
    """Columns of a forecast of one interval beside its point: mean, quantiles, provenance.

    Args:
        unit: Of the forecast values; empty where rows of several units share the table.
        basis: What may have made a row.
        imputed: Of which past the share of missing values is stated.
        spelling: Of the fields.
        minimum: Least value; None for a flow of signed series.
    """
    return (
        Column(
            name="mean",
            kind="float",
            nullable=True,
            unit=unit,
            minimum=minimum,
            meaning="Expected value of the interval; what totals are made of. Rows that were "
            "issued before it was learned have none.",
        ),
        *(
            Column(
                name=name,
                kind="float",
                unit=unit,
                minimum=minimum,
                meaning=f"{level:.0%} quantile of the interval.",
            )
            for name, level in zip(QUANTILE_NAMES, QUANTILES, strict=True)
        ),
        Column(name="model_id", kind="str", paths=(field("model_id", spelling),)),
        Column(name="basis", kind="str", meaning=basis),
        Column(
            name="imputed_share",
            kind="float",
            paths=(field("imputed_share", spelling),),
            minimum=0,
            maximum=1,
            meaning=imputed,
        ),
        Column(
            name="data_known_at",
            kind="instant",
            paths=(field("data_known_at", spelling),),
            nullable=True,
            meaning="No reading that became known later was used. Rows that were issued before "
            "this was noted have none; `issued_at` bounds them.",
        ),
    )
