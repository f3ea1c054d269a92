"""One Bi-LSTM over a whole pool of customers: where every customer's own model starts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.forecasting.bilstm.heldout import errors_of, pooled_calibration
from energy_assets.forecasting.bilstm.models import SharedModel
from energy_assets.forecasting.bilstm.network import initial
from energy_assets.forecasting.bilstm.scaler import fitted_scaler
from energy_assets.forecasting.bilstm.settings import BiLstmSettings
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.splits import Split, pool_split, window_origins
from energy_assets.forecasting.bilstm.stack import Schedule, Task, train_stack
from energy_assets.forecasting.bilstm.threads import one_thread
from energy_assets.forecasting.bilstm.windows import Pool
from energy_assets.forecasting.series import Series

MOST_VALIDATION_WINDOWS = 1024
"""Validation windows of the pool that each pass is judged by, drawn once."""

DEFAULTS = BiLstmSettings()
"""The measured recipe."""


def pretrain(
    histories: Sequence[Series],
    *,
    seed: int,
    device: str = "cpu",
    settings: BiLstmSettings = DEFAULTS,
) -> SharedModel:
    """Train the shared model of one interval length.

    The newest days, the test part, are left out: see `SharedModel.validated_until`. The same
    histories, seed and machine give the same weights to the bit.

    Args:
        histories: All of one interval length; customers without a usable window do no harm.
        seed: Of initial weights and of the order of windows.
        device: `cpu` or `cuda`.
        settings: The recipe.

    Returns:
        The shared model. Where no history has a usable window, one that predicts the seasonal
        blend.

    Raises:
        ValueError: There is no history, or their intervals differ.
    """
    minutes = {history.interval_minutes for history in histories}
    if len(minutes) != 1:
        raise ValueError(
            f"a shared model needs histories of one interval length, but got {sorted(minutes)} "
            f"min. Train one model per interval."
        )
    shape = Shape(histories[0].steps_per_hour, settings.hidden, settings.head)
    usable = [h for h in histories if np.isfinite(h.values).any()] or list(histories[:1])
    split = pool_split(usable, share=settings.holdout_share, most_days=settings.most_holdout_days)
    with one_thread():
        return _trained(usable, split, shape, seed=seed, device=device, settings=settings)


def _trained(
    histories: Sequence[Series],
    split: Split,
    shape: Shape,
    *,
    seed: int,
    device: str,
    settings: BiLstmSettings,
) -> SharedModel:
    scalers = [fitted_scaler(history.until(split.validate_from)) for history in histories]
    shown = [history.until(split.test_from) for history in histories]
    pool = Pool(shown, scalers, device=device)
    per_day = settings.origins_per_day
    train = _rows(pool, histories, per_day, None, split.validate_from)
    validate = _rows(pool, histories, per_day, split.validate_from, split.test_from)
    judged = np.random.default_rng(seed).permutation(validate)[:MOST_VALIDATION_WINDOWS]
    (outcome,) = train_stack(
        initial(shape, seed=seed),
        shape=shape,
        pool=pool,
        tasks=[Task(train=train, validate=judged, seed=seed)],
        schedule=Schedule(
            epochs=settings.shared_epochs,
            batch=settings.shared_batch,
            rate=settings.shared_rate,
            patience=settings.patience,
            clip=settings.clip,
            falling=True,
            windows=settings.shared_windows,
        ),
    )
    errors = errors_of(outcome.weights, shown, shape=shape, pool=pool, rows=judged)
    return SharedModel(
        interval_minutes=histories[0].interval_minutes,
        shape=shape,
        weights=outcome.weights.numpy(),
        calibration=pooled_calibration(errors),
        learned_until=split.validate_from,
        validated_until=split.test_from,
        seed=seed,
        losses=tuple(outcome.losses),
        customers=len(histories),
        windows=len(train),
    )


def _rows(
    pool: Pool,
    histories: Sequence[Series],
    per_day: int,
    since: pd.Timestamp | None,
    until: pd.Timestamp,
) -> NDArray[np.int64]:
    """Rows of all customers' windows in a part."""
    return np.concatenate(
        [
            pool.rows(number, window_origins(history, per_day=per_day, since=since, until=until))
            for number, history in enumerate(histories)
        ]
    )
