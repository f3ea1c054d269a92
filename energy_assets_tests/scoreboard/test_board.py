import numpy as np
import pandas as pd
import pytest

from energy_assets.scoreboard.assets import board_text
from energy_assets.scoreboard.board import PARTS, board, board_sums, together
from energy_assets_tests.scoreboard.ledger_rows import MONDAY, lead_day, ledger_of

DAY = pd.Timedelta(days=1)


def board_of(*lead_days, zone="UTC"):
    return board(board_sums(ledger_of(*lead_days), zone=zone))


def test_scores_are_of_the_sums_and_the_best_naive_is_the_one_that_erred_least():
    shown = board_of(
        lead_day({"xgboost": 20.0, "naive_blend": 30.0, "naive_yesterday": 50.0}),
        lead_day(
            {"xgboost": 40.0, "naive_blend": 70.0, "naive_yesterday": 35.0},
            series_key="electricity/2",
            actual_sum=300.0,
            absolute_actual_sum=300.0,
            covered_90=24,
        ),
    )

    (row,) = shown.to_dict("records")
    # The blend erred by 30 and 70, which is more than 50 and 35.
    assert row["best_naive"] == "naive_yesterday"
    assert row["rows"] == 48
    assert row["wape"] == pytest.approx(60 / 400)
    assert row["naive_wape"] == pytest.approx(85 / 400)
    assert row["mae"] == pytest.approx(60 / 48)
    assert row["bias"] == pytest.approx(220 / 400 - 1)
    assert row["coverage_90"] == pytest.approx(42 / 48)
    assert row["winkler"] == pytest.approx(2.0)


def test_the_board_is_divided_by_lead_time():
    errors = {"xgboost": 1.0, "naive_blend": 2.0}
    shown = board_of(*(lead_day(errors, lead_day=day) for day in range(1, 15)))

    assert shown.set_index("lead")["rows"].to_dict() == {
        "day 1": 24,
        "days 2-7": 6 * 24,
        "days 8-14": 7 * 24,
    }


def test_weeks_begin_on_monday_by_the_local_clock():
    errors = {"xgboost": 1.0, "naive_blend": 2.0}
    late_sunday = MONDAY - pd.Timedelta(hours=1)
    rows = [
        lead_day(errors, valid_at=at, issued_at=at)
        for at in (late_sunday, MONDAY, MONDAY + 6 * DAY, MONDAY + 7 * DAY)
    ]

    def weeks(zone):
        shown = board_of(*rows, zone=zone)
        return dict(zip(shown["week"].dt.strftime("%m-%d"), shown["rows"] // 24, strict=True))

    assert weeks("UTC") == {"10-13": 1, "10-20": 2, "10-27": 1}
    assert weeks("Europe/Berlin") == {"10-20": 3, "10-27": 1}


def test_flows_units_resolutions_and_families_are_not_mixed():
    errors = {"xgboost": 1.0, "naive_blend": 2.0}
    shown = board_of(
        lead_day(errors),
        lead_day(errors, series_key="water/1", unit="m3"),
        lead_day(errors, resolution="daily", rows=1),
        lead_day({"bilstm": 1.0, "naive_blend": 2.0}, flow="customer_load"),
        lead_day({"naive_blend": 1.0, "naive_yesterday": 2.0}, series_key="electricity/2"),
    )

    assert len(shown) == 5
    assert set(shown["family"]) == {"xgboost", "bilstm", "naive_blend"}


def test_a_naive_that_served_is_beside_the_best_of_all_naives_itself_included():
    shown = board_of(lead_day({"naive_blend": 10.0, "naive_yesterday": 12.0}))

    (row,) = shown.to_dict("records")
    assert (row["family"], row["best_naive"]) == ("naive_blend", "naive_blend")


def test_a_naive_that_was_not_scored_on_all_the_rows_is_none_to_stand_beside():
    shown = board_of(
        lead_day({"xgboost": 20.0, "naive_new": 1.0, "naive_blend": 30.0}),
        lead_day({"xgboost": 20.0, "naive_blend": 30.0}, lead_day=1, series_key="electricity/2"),
    )

    assert shown["best_naive"].tolist() == ["naive_blend"]


def test_parts_of_the_ledger_add_up_to_the_board_of_the_whole():
    rng = np.random.default_rng(1)
    days = [
        lead_day(
            {"xgboost": rng.random(), "naive_blend": rng.random()},
            series_key=f"electricity/{number % 3}",
            issued_at=MONDAY + number * DAY,
            valid_at=MONDAY + number * DAY,
        )
        for number in range(12)
    ]
    parts = [board_sums(ledger_of(*days[at : at + 5]), zone="UTC") for at in (0, 5, 10)]

    whole = board_of(*days)

    pd.testing.assert_frame_equal(board(together(parts, [*PARTS, "forecaster"])), whole)


def test_an_empty_ledger_is_an_empty_board():
    assert board(together([], [*PARTS, "forecaster"])).empty


def test_nothing_used_has_no_share_but_an_error():
    shown = board_of(
        lead_day({"xgboost": 6.0, "naive_blend": 12.0}, actual_sum=0.0, absolute_actual_sum=0.0)
    )

    assert shown["wape"].isna().all()
    assert shown["bias"].isna().all()
    assert shown["mae"].tolist() == [0.25]


def test_people_read_shares_in_percent_newest_week_first():
    errors = {"xgboost": 20.0, "naive_blend": 30.0}
    later = MONDAY + 7 * DAY
    text = board_text(board_of(lead_day(errors), lead_day(errors, valid_at=later, issued_at=later)))

    lines = text.splitlines()
    assert "2025-10-27" in lines[2]
    assert "2025-10-20" in lines[3]
    assert "20.0%" in lines[2]
    assert "30.0%" in lines[2]
