"""The intervals that meters have had, from the times of their readings."""

import numpy as np
import pytest

from energy_assets.intake.intervals import LOAD_PROFILE_MINUTES, rhythm_of
from energy_assets.intake.step_counts import StepCounts

DAY_MS = 86_400_000


def times_of(*stretches, offset_ms=0):
    """Instants of a meter: stretches of (days, minutes)."""
    start, at = offset_ms, []
    for days, minutes in stretches:
        at.append(start + np.arange(int(days * 1440) // minutes) * minutes * 60_000)
        start += int(days * DAY_MS)
    return np.concatenate(at)


def rhythm(at_ms, known=None, **options):
    return rhythm_of(at_ms, known=known, default=15, among=LOAD_PROFILE_MINUTES, **options)


def counted(at_ms, chunk=None, shuffled=False):
    counts = StepCounts(LOAD_PROFILE_MINUTES)
    size = chunk or len(at_ms)
    for at in range(0, len(at_ms), size):
        part = at_ms[at : at + size]
        if shuffled:
            part = np.random.default_rng(at).permutation(part)
        counts.add(["m"], np.zeros(len(part), dtype=np.int64), part)
    return counts.intervals()["m"]


@pytest.mark.parametrize("offset_ms", [0, 7 * 3_600_000, 1_800_000, 23 * 60_000])
@pytest.mark.parametrize(
    ("stretches", "current"),
    [
        ([(30, 15)], 15),
        ([(29, 15), (1, 60)], 15),
        ([(29, 60), (1, 15)], 60),
        ([(1, 60), (29, 15)], 15),
        ([(10, 15), (1, 30), (19, 15)], 15),
        ([(27, 15), (3, 60)], 60),
        ([(27, 60), (3, 30)], 30),
        ([(10, 15), (10, 60), (10, 15)], 15),
        ([(0.5, 15)], 15),
    ],
)
def test_a_day_does_not_overrule_a_month_and_a_lasting_change_counts(stretches, current, offset_ms):
    at_ms = times_of(*stretches, offset_ms=offset_ms)
    assert rhythm(at_ms).minutes == current
    assert counted(at_ms) == current
    assert counted(at_ms, chunk=37) == current
    assert counted(at_ms, chunk=400, shuffled=True) == current
    assert counted(at_ms[::-1], chunk=37) == current


def test_stretches_begin_at_the_very_reading():
    at_ms = times_of((10.5, 15), (10.5, 60), (5.25, 30))
    found = rhythm(at_ms)
    first, second = int(10.5 * 96), int(10.5 * 96 + 10.5 * 24)
    assert [tuple(each) for each in found.stretches] == [
        (0, first, 15), (first, second, 60), (second, len(at_ms), 30),
    ]  # fmt: skip
    assert found.since == second


def test_what_is_known_counts_only_where_the_readings_show_little():
    assert rhythm(times_of((0.5, 15)), known=60).minutes == 60
    assert rhythm(times_of((5, 15)), known=60).minutes == 15
    assert rhythm(times_of((5, 15))[:1], known=30).minutes == 30
    assert rhythm(times_of((0.2, 15))[:0]).minutes == 15


def test_registers_that_are_read_at_odd_times_show_no_interval():
    odd = np.cumsum(np.random.default_rng(3).integers(61, 400, 500)) * 60_000
    assert counted(odd) is None
    assert rhythm(odd).minutes == 15
    assert len(rhythm(odd).stretches) == 1


def test_lost_readings_hide_no_interval():
    at_ms = times_of((40, 15))
    kept = at_ms[np.random.default_rng(2).random(len(at_ms)) < 0.6]
    assert counted(kept) == 15
    assert [tuple(each) for each in rhythm(kept).stretches] == [(0, len(kept), 15)]


def test_meters_of_a_file_are_told_apart_in_any_order():
    fine, coarse = times_of((20, 15)), times_of((20, 60))
    at_ms = np.concatenate([fine, coarse])
    codes = np.repeat([0, 1], [len(fine), len(coarse)])
    order = np.lexsort((codes, at_ms))
    counts = StepCounts(LOAD_PROFILE_MINUTES)
    for at in range(0, len(order), 3):
        rows = order[at : at + 3]
        present, own = np.unique(codes[rows], return_inverse=True)
        counts.add(["fc"[code] for code in present], own, at_ms[rows])
    assert counts.intervals() == {"f": 15, "c": 60}
    assert dict(counts.readings()) == {"f": 1_920, "c": 480}
