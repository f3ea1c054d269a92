"""What the demo prints beside each forecast."""

import numpy as np
import pandas as pd

from energy_assets.demo.score_columns import with_scores


def test_the_printed_score_is_of_what_serves_and_the_best_naive_is_the_best():
    at = pd.Timestamp("2026-03-01", tz="UTC")
    scores = pd.DataFrame(
        [
            ("a", "bilstm", 0.30, 0.91),
            ("a", "naive_blend", 0.40, 0.80),
            ("a", "naive_yesterday", 0.50, 0.85),
            ("b", "bilstm", 0.60, 0.95),
            ("b", "naive_blend", 0.20, 0.88),
            ("b", "naive_yesterday", 0.70, 0.70),
        ],
        columns=["customer_ref", "family", "wape", "coverage_90"],
    ).assign(scored_at=at)
    older = scores.assign(wape=0.01, scored_at=at - pd.Timedelta(days=7))
    rows = pd.DataFrame(
        {"basis": ["shared", "naive_blend", "combination"]},
        index=pd.Index(["a", "b", "c"], name="customer_ref"),
    )

    table = with_scores(rows, pd.concat([scores, older]), ["customer_ref"])

    assert table["WAPE"].tolist()[:2] == [0.30, 0.20]
    assert table["best naive"].tolist()[:2] == [0.40, 0.20]
    assert table["90 % band covers"].tolist()[:2] == [0.91, 0.88]
    assert np.isnan(table.loc["c", "WAPE"])
