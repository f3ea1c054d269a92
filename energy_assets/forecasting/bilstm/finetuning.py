"""Each customer's own Bi-LSTM, from the shared one: early stopping, warm start, refit, bands.

Customers never influence each other, however they are grouped over processes or stacks.
"""

import hashlib
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from energy_assets.forecasting.bilstm.heldout import errors_of, own_calibration
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel, Weights
from energy_assets.forecasting.bilstm.scaler import Scaler, fitted_scaler
from energy_assets.forecasting.bilstm.settings import BiLstmSettings
from energy_assets.forecasting.bilstm.splits import Split, split_of, window_origins
from energy_assets.forecasting.bilstm.stack import Outcome, Schedule, Task, train_stack
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.series import Series

DEFAULTS = BiLstmSettings()
"""The measured recipe."""

WORTH_A_PROCESS = 24
"""Customers for which a further process earns back its start."""


def fine_tune(
    shared: SharedModel,
    histories: Sequence[Series],
    *,
    previous: Mapping[str, CustomerModel] | None = None,
    seed: int,
    device: str = "cpu",
    workers: int = 1,
    settings: BiLstmSettings = DEFAULTS,
) -> dict[str, CustomerModel]:
    """Give each customer its own model.

    A customer with too little history, or whose own weights are no better on its validation part,
    keeps the shared weights, and its model says so in `basis`. The newest days, the test part, are
    unknown to `scored_weights`. The same input, seed and machine give the same weights to the bit,
    whatever `workers` is.

    Args:
        shared: Where to start from.
        histories: One a customer, of the shared model's interval length.
        previous: Earlier models; where an earlier one is better than the shared one on the
            validation part, and has not seen it, training starts there.
        seed: Of the order of windows, together with the customer reference.
        device: `cpu`, one customer after the other, or `cuda`, all of them stacked.
        workers: Processes on a CPU; fewer where starting them does not pay.
        settings: The recipe.

    Returns:
        One model per customer reference.

    Raises:
        ValueError: A history has another interval length.
    """
    for history in histories:
        if history.interval_minutes != shared.interval_minutes:
            raise ValueError(
                f"customer {history.key} has intervals of {history.interval_minutes} min "
                f"and the shared model {shared.interval_minutes} min. Train one model per interval."
            )
    known = previous or {}
    size = 1 if device == "cpu" else settings.stack
    jobs = [
        _Job(
            shared=shared,
            histories=tuple(histories[first : first + size]),
            previous=tuple(known.get(history.key) for history in histories[first : first + size]),
            seed=seed,
            device=device,
            settings=settings,
        )
        for first in range(0, len(histories), size)
    ]
    processes = min(workers, len(histories) // WORTH_A_PROCESS)
    if device != "cpu" or processes < 2:
        done = [_fine_tuned(job) for job in jobs]
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            done = list(pool.map(_fine_tuned, jobs, chunksize=max(1, len(jobs) // processes // 4)))
    return {model.customer_ref: model for models in done for model in models}


@dataclass(frozen=True, kw_only=True)
class _Job:
    """Customers that are computed together."""

    shared: SharedModel
    histories: tuple[Series, ...]
    previous: tuple[CustomerModel | None, ...]
    seed: int
    device: str
    settings: BiLstmSettings


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """One customer's split and the rows of its windows in a pool."""

    split: Split
    train: NDArray[np.int64]
    validate: NDArray[np.int64]
    everything: NDArray[np.int64]
    seed: int


def _fine_tuned(job: _Job) -> list[CustomerModel]:
    with one_thread():
        splits = [_own_split(history, job) for history in job.histories]
        scalers = [
            fitted_scaler(history.until(split.validate_from))
            for history, split in zip(job.histories, splits, strict=True)
        ]
        pool = Pool(job.histories, scalers, device=job.device)
        parts = [
            _parts(number, history, split, pool, job)
            for number, (history, split) in enumerate(zip(job.histories, splits, strict=True))
        ]
        starts = _starts(parts, pool, job)
        outcomes = train_stack(
            torch.from_numpy(np.stack([start.weights for start in starts])),
            shape=job.shared.shape,
            pool=pool,
            tasks=[Task(train=p.train, validate=p.validate, seed=p.seed) for p in parts],
            schedule=_schedule(job.settings),
        )
        served = _refitted(outcomes, starts, parts, pool, job)
        return [
            _model(number, scalers[number], outcome, served[number], parts[number], pool, job)
            for number, outcome in enumerate(outcomes)
        ]


def _own_split(history: Series, job: _Job) -> Split:
    """The customer's own split, but nothing that the shared model learned from is held out."""
    split = split_of(
        history,
        share=job.settings.holdout_share,
        most_days=job.settings.most_holdout_days,
    )
    return Split(
        validate_from=max(split.validate_from, job.shared.learned_until),
        test_from=max(split.test_from, job.shared.validated_until),
    )


def _parts(number: int, history: Series, split: Split, pool: Pool, job: _Job) -> _Parts:
    per_day = job.settings.origins_per_day
    digest = hashlib.sha256(f"{job.seed}:{history.key}".encode()).digest()
    enough = history.known_days() >= job.settings.minimum_days
    train = window_origins(history, per_day=per_day, until=split.validate_from)
    validate = window_origins(
        history, per_day=per_day, since=split.validate_from, until=split.test_from
    )
    return _Parts(
        split=split,
        train=pool.rows(number, train if enough and len(validate) else train[:0]),
        validate=pool.rows(number, validate),
        everything=pool.rows(number, window_origins(history, per_day=per_day)),
        seed=int.from_bytes(digest[:4], "big"),
    )


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Parameters to start from, and whether they are the customer's own."""

    weights: Weights
    own: bool


def _starts(parts: Sequence[_Parts], pool: Pool, job: _Job) -> list[_Start]:
    """The shared weights, or the previous model's where they do better on the validation part."""
    starts = [_Start(weights=job.shared.weights, own=False) for _ in parts]
    for number, (part, earlier) in enumerate(zip(parts, job.previous, strict=True)):
        if earlier is None or earlier.basis != "customer" or not len(part.train):
            continue
        has_seen = (
            earlier.learned_until > part.split.validate_from
            or earlier.validated_until > part.split.test_from
        )
        if has_seen or earlier.shape != job.shared.shape:
            continue
        both = np.stack([job.shared.weights, earlier.scored_weights])
        task = Task(train=part.train, validate=part.validate, seed=part.seed)
        judged = train_stack(
            torch.from_numpy(both),
            shape=job.shared.shape,
            pool=pool,
            tasks=[task, task],
            schedule=replace(_schedule(job.settings), epochs=0),
        )
        if judged[1].losses[0] < judged[0].losses[0]:
            starts[number] = _Start(weights=earlier.scored_weights, own=True)
    return starts


def _schedule(settings: BiLstmSettings) -> Schedule:
    return Schedule(
        epochs=settings.own_epochs,
        batch=settings.own_batch,
        rate=settings.own_rate,
        patience=settings.patience,
        clip=settings.clip,
        windows=settings.own_windows,
    )


def _refitted(
    outcomes: Sequence[Outcome],
    starts: Sequence[_Start],
    parts: Sequence[_Parts],
    pool: Pool,
    job: _Job,
) -> list[Weights | None]:
    """Weights that know the validation and test days too, for customers with weights of their own.

    None for the others, and for all when the recipe asks for no refit.
    """
    own = [n for n, outcome in enumerate(outcomes) if outcome.best_epoch or starts[n].own]
    served: list[Weights | None] = [None] * len(outcomes)
    if not own or not job.settings.refit_epochs:
        return served
    nothing = np.zeros(0, dtype=np.int64)
    again = train_stack(
        torch.stack([outcomes[n].weights for n in own]),
        shape=job.shared.shape,
        pool=pool,
        tasks=[Task(train=parts[n].everything, validate=nothing, seed=parts[n].seed) for n in own],
        schedule=replace(_schedule(job.settings), epochs=job.settings.refit_epochs, falling=True),
    )
    for n, outcome in zip(own, again, strict=True):
        served[n] = outcome.weights.numpy()
    return served


def _model(
    number: int,
    scaler: Scaler,
    outcome: Outcome,
    refitted: Weights | None,
    part: _Parts,
    pool: Pool,
    job: _Job,
) -> CustomerModel:
    history = job.histories[number]
    scored = outcome.weights.numpy()
    start_is_own = outcome.best_epoch > 0 or not np.array_equal(scored, job.shared.weights)
    later = window_origins(
        history, per_day=job.settings.origins_per_day, since=part.split.validate_from
    )

    def calibration(rows: NDArray[np.int64]) -> Calibration:
        errors = errors_of(
            outcome.weights, job.histories, shape=job.shared.shape, pool=pool, rows=rows
        )
        return own_calibration(errors, job.shared.calibration)

    return CustomerModel(
        customer_ref=history.key,
        interval_minutes=history.interval_minutes,
        shape=job.shared.shape,
        basis="customer" if start_is_own else "shared",
        weights=scored if refitted is None else refitted,
        scored_weights=scored,
        calibration=calibration(pool.rows(number, later)),
        scored_calibration=calibration(part.validate),
        scaler=scaler,
        learned_until=part.split.validate_from,
        validated_until=part.split.test_from,
        data_until=history.known_until,
        seed=job.seed,
        losses=tuple(outcome.losses),
        best_epoch=outcome.best_epoch,
        shared_id=job.shared.model_id,
    )
