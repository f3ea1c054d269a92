"""Scores of a customer's contest as rows of the score table."""

import pandas as pd

from energy_assets.contracts.forecasts import CUSTOMER_SCORE
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.contest import Contest, printed_scores
from resources.tables import DTYPES


def customer_scores(
    contest: Contest, series: Series, *, model_id: str, scored_at: pd.Timestamp
) -> pd.DataFrame:
    """Scores of a customer's families on the held-out days that did not choose who serves.

    Args:
        contest: What was held.
        series: Everything known of the customer.
        model_id: Under which the scores are kept.
        scored_at: When that is.

    Returns:
        One row per family, columns of the customer score table. A customer without readings in the
        test part has one row for the family and each baseline, with no rows scored and no scores.
    """
    table = printed_scores(contest, series) or [
        {
            "family": family,
            "window_start_at": series.end_at,
            "window_end_at": series.end_at,
            "rows": 0,
        }
        for family in ("bilstm", *BASELINES)
    ]
    own = {"customer_ref": series.key, "model_id": model_id, "scored_at": scored_at}
    frame = pd.DataFrame([row | own for row in table]).reindex(columns=CUSTOMER_SCORE.names)
    return frame.astype({column.name: DTYPES[column.kind] for column in CUSTOMER_SCORE.columns})
