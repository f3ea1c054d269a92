import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.bilstm.splits import pool_split, split_of, window_origins
from energy_assets_tests.forecasting.histories import history, local_days


def split(past):
    return split_of(past, share=0.15, most_days=14)


@pytest.mark.parametrize(("days", "held_out"), [(8, 1), (60, 9), (365, 14)])
def test_the_newest_days_are_for_the_test_and_those_before_for_validation(days, held_out):
    past = history(np.ones(24 * days))
    parts = split(past)
    assert past.end_at - parts.test_from == pd.Timedelta(days=held_out)
    assert parts.test_from - parts.validate_from == pd.Timedelta(days=held_out)


def test_parts_meet_at_local_midnights_across_a_clock_change():
    past = local_days(60, start="2025-02-10", zone="Europe/Berlin")  # ends on 11 April
    parts = split(past)
    for border in (parts.validate_from, parts.test_from):
        local = border.tz_convert("Europe/Berlin")
        assert (local.hour, local.minute) == (0, 0)
    assert parts.validate_from.tz_convert("Europe/Berlin").day == 26  # 8 days each


def test_no_window_reaches_over_a_border():
    past = local_days(60, start="2025-02-10", zone="Europe/Berlin", minutes=30)
    parts = split(past)
    train = window_origins(past, per_day=4, until=parts.validate_from)
    validate = window_origins(past, per_day=4, since=parts.validate_from, until=parts.test_from)
    border, test = (past.steps_before(t) for t in (parts.validate_from, parts.test_from))
    assert train.max() + 48 <= border <= validate.min()
    assert validate.max() + 48 <= test
    assert train.min() >= 2 * 48


def test_windows_of_which_less_than_half_is_known_are_left_out():
    energy = np.ones(24 * 10)
    energy[24 * 5 : 24 * 6] = np.nan
    origins = window_origins(history(energy), per_day=1)
    assert 24 * 5 not in origins
    assert 24 * 6 in origins


def test_trailing_silence_does_not_move_the_test_part_out_of_the_data():
    energy = np.concatenate([np.ones(24 * 60), np.full(24 * 30, np.nan)])
    assert split(history(energy)) == split(history(np.ones(24 * 60)))


def test_one_calendar_day_divides_the_whole_pool():
    pool = [history(np.ones(24 * days)) for days in (60, 61, 62)]
    assert pool_split(pool, share=0.15, most_days=14) == split(pool[1])
