import numpy as np
import pytest
import torch

from energy_assets.forecasting.bilstm import network
from energy_assets.forecasting.bilstm.heldout import predict_windows
from energy_assets.forecasting.bilstm.lstm import stacked
from energy_assets.forecasting.bilstm.network import initial
from energy_assets.forecasting.bilstm.scaler import fitted_scaler
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.splits import window_origins
from energy_assets.forecasting.bilstm.stack import Schedule, Task, train_stack
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets_tests.forecasting.histories import daily_pattern, history

SHAPE = Shape(steps_per_hour=1, hidden=6, head=5)
SCHEDULE = Schedule(epochs=6, batch=16, rate=1e-2, patience=2, clip=1.0)


@pytest.fixture(scope="module")
def pool_and_tasks():
    histories = [daily_pattern(days, seed=days) for days in (14, 21, 30)]
    pool = Pool(histories, [fitted_scaler(past) for past in histories], device="cpu")
    tasks = []
    for number, past in enumerate(histories):
        rows = pool.rows(number, window_origins(past, per_day=4))
        tasks.append(Task(train=rows[:-16], validate=rows[-12:], seed=number))
    return pool, tasks


def trained(pool, tasks, *, schedule=SCHEDULE):
    start = torch.cat([initial(SHAPE, seed=7) for _ in tasks])
    with one_thread():
        return train_stack(start, shape=SHAPE, pool=pool, tasks=tasks, schedule=schedule)


def validation_loss(weights, pool, task):
    batch = pool.batch(torch.from_numpy(task.validate[None]))
    with torch.no_grad():
        return network.pinball(network.quantiles(SHAPE, weights[None], batch), batch).item()


def test_customers_stacked_in_one_computation_learn_what_each_learns_alone(
    pool_and_tasks, monkeypatch
):
    pool, tasks = pool_and_tasks
    alone = [trained(pool, [task])[0] for task in tasks]
    monkeypatch.setattr(network, "looped", stacked)
    together = trained(pool, tasks)
    assert len({len(outcome.losses) for outcome in alone}) > 1  # they stop at different passes
    for one, other in zip(alone, together, strict=True):
        assert one.best_epoch == other.best_epoch
        assert other.losses == pytest.approx(one.losses, abs=1e-5)
        torch.testing.assert_close(one.weights, other.weights, rtol=1e-3, atol=1e-4)


def test_the_weights_of_the_best_pass_come_back_not_those_of_the_last(pool_and_tasks):
    pool, tasks = pool_and_tasks
    hasty = Schedule(epochs=6, batch=8, rate=8e-2, patience=6, clip=1.0)
    outcomes = trained(pool, tasks, schedule=hasty)
    assert any(outcome.best_epoch < len(outcome.losses) - 1 for outcome in outcomes)
    for outcome, task in zip(outcomes, tasks, strict=True):
        assert outcome.losses[outcome.best_epoch] == min(outcome.losses)
        assert validation_loss(outcome.weights, pool, task) == pytest.approx(
            min(outcome.losses), rel=1e-5
        )


def test_a_customer_stops_after_as_many_worse_passes_as_its_patience(pool_and_tasks):
    pool, tasks = pool_and_tasks
    for outcome in trained(pool, tasks):
        passes = len(outcome.losses) - 1
        assert passes == min(SCHEDULE.epochs, outcome.best_epoch + SCHEDULE.patience)


def test_the_first_pass_starts_from_the_seasonal_blend(pool_and_tasks):
    pool, tasks = pool_and_tasks
    rows = tasks[2].train[-5:]
    start = initial(SHAPE, seed=7)[0]
    median = predict_windows(start, shape=SHAPE, pool=pool, rows=rows)[..., 3]
    blend = pool.batch(torch.from_numpy(rows[None])).blend[0]
    np.testing.assert_allclose(median, blend, rtol=1e-6)


def test_training_learns_the_weekend_that_the_blend_misses():
    day = np.arange(60 * 24) // 24
    use = np.where(day % 7 >= 5, 3.0, 1.0) * np.random.default_rng(0).lognormal(0, 0.1, 60 * 24)
    past = history(use)
    pool = Pool([past], [fitted_scaler(past)], device="cpu")
    rows = pool.rows(0, window_origins(past, per_day=2))
    task = Task(train=rows[:-28], validate=rows[-28:], seed=0)
    (outcome,) = trained(pool, [task])
    assert min(outcome.losses) < 0.7 * outcome.losses[0]


def test_a_customer_without_windows_keeps_its_start(pool_and_tasks):
    pool, tasks = pool_and_tasks
    nothing = np.zeros(0, dtype=np.int64)
    idle, busy = trained(pool, [Task(train=nothing, validate=nothing, seed=0), tasks[0]])
    assert idle.losses == []
    torch.testing.assert_close(idle.weights, initial(SHAPE, seed=7)[0])
    assert len(busy.losses) > 1


def test_missing_targets_teach_nothing():
    past = daily_pattern(21, seed=21)
    past.values[15 * 24 :] = np.nan
    holes = Pool([past], [fitted_scaler(past)], device="cpu")
    origin = holes.rows(0, np.array([14 * 24 + 12]))
    batch = holes.batch(torch.from_numpy(origin[None]))
    assert batch.known.sum().item() == 12
    assert all(bool(part.isfinite().all()) for part in (batch.past, batch.ahead, batch.target))
