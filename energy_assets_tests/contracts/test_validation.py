import pandas as pd
import pytest

from energy_assets.contracts.forecasts import CUSTOMER_SCORE
from energy_assets.contracts.tables import TABLES
from energy_assets.contracts.validation import ContractError, validated
from resources.tables import empty_frame


def scores(**columns):
    row = {
        "customer_ref": "900",
        "model_id": "m",
        "family": "bilstm",
        "window_start_at": pd.Timestamp("2025-07-01", tz="UTC"),
        "window_end_at": pd.Timestamp("2025-07-08", tz="UTC"),
        "rows": 24,
        "mae": 0.1,
        "wape": 0.2,
        "mase": 0.9,
        "mse": 0.01,
        "r2_score": 0.5,
        "pinball": 0.03,
        "coverage_90": 0.9,
        "total_bias": 0.01,
        "scored_at": pd.Timestamp("2025-07-09", tz="UTC"),
    }
    return pd.DataFrame([row | columns])


def test_rows_that_meet_the_contract_come_back_in_the_tables_dtypes():
    rows = validated(CUSTOMER_SCORE, scores())

    assert rows["rows"].dtype == "Int64"
    assert str(rows["scored_at"].dtype) == "datetime64[ms, UTC]"
    assert rows.columns.tolist() == CUSTOMER_SCORE.names


def test_a_score_that_is_not_defined_is_allowed():
    assert validated(CUSTOMER_SCORE, scores(wape=float("nan")))["wape"].isna().all()


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (scores(mae=-0.1), "mae"),
        (scores(coverage_90=1.5), "coverage_90"),
        (scores(family=None), "family"),
        (scores().drop(columns="mse"), "mse"),
        (pd.concat([scores(), scores()]), "model_id"),
    ],
)
def test_rows_that_break_the_contract_are_named_with_table_and_column(rows, fault):
    with pytest.raises(ContractError, match=f"customer_score .*{fault}"):
        validated(CUSTOMER_SCORE, rows)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_contract_that_an_empty_frame_meets(table):
    assert validated(table, empty_frame(table)).empty


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_number_says_what_it_means(table):
    assert table.meaning.endswith(".")
    for column in table.columns:
        if column.kind == "float" and column.name != "r2_score":
            assert column.meaning or column.unit or column.minimum is not None, column.name
