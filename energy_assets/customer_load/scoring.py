"""How good a customer's model is, beside the seasonal baselines, on days that it has not seen."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from energy_assets.calendar import local_midnights
from energy_assets.contracts.forecasts import CUSTOMER_SCORE
from energy_assets.forecasting.backtest import backtest, scores
from energy_assets.forecasting.forecast import Forecast
from energy_assets.forecasting.metrics import seasonal_naive_mae
from energy_assets.forecasting.naive import NAIVES, SeasonalNaive
from energy_assets.forecasting.series import Series
from resources.tables import DTYPES

if TYPE_CHECKING:
    from energy_assets.forecasting.bilstm import CustomerModel


Family = Callable[[Series, Sequence[pd.Timestamp]], Sequence[Forecast]]
"""A model family: from a history and some origins, one forecast per origin."""


def customer_scores(
    model: "CustomerModel", history: Series, *, model_id: str, scored_at: pd.Timestamp
) -> pd.DataFrame:
    """Score a customer's model and the three baselines on the same held-out rows.

    Day-ahead from every local midnight of the test part, with the weights and bands that have seen
    nothing of it. The weights that serve may have been refitted on these days since.

    Args:
        model: The customer's model.
        history: Everything known of the customer.
        model_id: Under which the scores are kept.
        scored_at: When that is.

    Returns:
        One row per family, columns of the customer score table. A customer without readings in the
        test part has no rows scored and no scores.
    """
    from energy_assets.forecasting.bilstm import predict_origins

    def bilstm(past: Series, origins: Sequence[pd.Timestamp]) -> Sequence[Forecast]:
        return predict_origins(model, past, origins, held_out=True)

    families: dict[str, Family] = {"bilstm": bilstm} | naive_predictors()
    origins = held_out_origins(history, since=model.validated_until)
    return score_rows(
        history,
        families,
        origins,
        model_id=model_id,
        scored_at=scored_at,
    )


def naive_predictors() -> dict[str, Family]:
    """The three seasonal baselines by family name."""
    naives = [SeasonalNaive(variant=variant) for variant in NAIVES]
    return {naive.name: naive.predict for naive in naives}


def held_out_origins(history: Series, *, since: pd.Timestamp) -> list[pd.Timestamp]:
    """The local midnights from an instant to the end of a history."""
    midnights = local_midnights(history.starts, zone=history.zone)
    first = max(history.steps_before(since), 0)
    return [history.start_at + int(at) * history.interval for at in midnights if at >= first]


def score_rows(
    history: Series,
    families: Mapping[str, Family],
    origins: Sequence[pd.Timestamp],
    *,
    model_id: str,
    scored_at: pd.Timestamp,
) -> pd.DataFrame:
    """Scores of some families on the same rows of one customer, in the customer score table's form.

    MASE compares with last week's values before the first origin.
    """
    start_at = origins[0] if origins else history.end_at
    training = history.until(start_at).values
    naive_mae = seasonal_naive_mae(training, season=7 * history.steps_per_day)
    rows = backtest(history, families, origins)
    table: list[dict[str, object]] = []
    for family in families:
        own = rows[rows["family"] == family]
        found = scores(own, naive_mae=naive_mae)
        table.append(
            {
                "customer_ref": history.key,
                "model_id": model_id,
                "family": family,
                "window_start_at": start_at,
                "window_end_at": history.end_at,
                "rows": len(own),
                **{n: v for n, v in found.items() if n in CUSTOMER_SCORE.names},
                "scored_at": scored_at,
            }
        )
    frame = pd.DataFrame(table, columns=CUSTOMER_SCORE.names)
    return frame.astype({column.name: DTYPES[column.kind] for column in CUSTOMER_SCORE.columns})
