import pandas as pd

from energy_assets.scoreboard.checks import FEWEST_LEAD_DAYS, evaluate_serving, series_sums
from energy_assets_tests.scoreboard.ledger_rows import MONDAY, lead_day, ledger_of


def days(errors, *, count=FEWEST_LEAD_DAYS, **columns):
    """So many days with the same errors, as parts of the ledger."""
    for number in range(count):
        at = MONDAY + pd.Timedelta(days=number)
        yield series_sums(ledger_of(lead_day(errors, issued_at=at, valid_at=at, **columns)))


def test_a_series_that_loses_clearly_to_a_naive_is_named_with_both_scores():
    better = {"xgboost": 40.0, "naive_blend": 35.0, "naive_yesterday": 60.0}
    parts = [
        *days(better, series_key="electricity/close"),
        *days({"xgboost": 40.0, "naive_blend": 20.0}, series_key="electricity/lost"),
        *days({"xgboost": 40.0, "naive_blend": 41.0}, series_key="electricity/won"),
    ]

    # 35 for 40 is 12.5 % less, 20 for 40 half.
    finding = evaluate_serving(parts)

    assert not finding.passed
    assert [text.split(",")[0] for text in finding.offenders] == [
        "consumption electricity/lost",
        "consumption electricity/close",
    ]
    assert "40.0% served, 20.0% by naive_blend" in finding.offenders[0]
    assert "168 intervals" in finding.offenders[0]


def test_a_loss_within_a_tenth_is_no_clear_one():
    finding = evaluate_serving(days({"xgboost": 40.0, "naive_blend": 37.0}))

    assert finding.passed
    assert finding.offenders == []


def test_few_lead_days_are_no_ground_for_a_judgement():
    errors = {"xgboost": 40.0, "naive_blend": 10.0}

    assert evaluate_serving(days(errors, count=FEWEST_LEAD_DAYS - 1)).passed
    assert not evaluate_serving(days(errors)).passed


def test_what_served_is_judged_as_one_though_a_naive_served_for_some_of_the_days():
    parts = [
        *days({"xgboost": 40.0, "naive_blend": 20.0, "naive_yesterday": 50.0}, count=3),
        *days(
            {"naive_blend": 20.0, "naive_yesterday": 50.0},
            count=FEWEST_LEAD_DAYS,
            origin_at=MONDAY,
            lead_day=2,
        ),
    ]

    # Served: 3 times 40 and 7 times 20 are 260; the blend has 10 times 20.
    (offender,) = evaluate_serving(parts).offenders

    assert "26.0% served, 20.0% by naive_blend" in offender


def test_without_a_score_nothing_is_wrong():
    assert evaluate_serving([]).passed
