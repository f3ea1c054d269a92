"""A model of a pool as files: trees and calibration in one safetensors file, the rest as JSON."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.boosting.errors import ModelFileError
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.model_files import damage_of, saved_model
from energy_assets.forecasting.pooled.model import POOLED, PooledModel, Shared
from energy_assets.forecasting.pooled.parameters import PooledParams
from energy_assets.forecasting.pooled.trees import SharedTrees

FORMAT: Final[int] = 1
"""Version of the layout of the files."""

BOOSTERS: Final[tuple[str, ...]] = ("mean", "median", "outer")

Arrays = dict[str, NDArray[Any]]


def files_of(model: PooledModel) -> SavedModel:
    """Bytes and metadata; the digest of both is the `model_id`."""
    trees = model.shared.trees
    arrays: Arrays = {}
    for name in BOOSTERS:
        raw = bytes(getattr(trees, name).save_raw(raw_format="ubj"))
        arrays[name] = np.frombuffer(raw, dtype=np.uint8)
    facts: dict[str, object] = {}
    for name, made in (("own", model.calibration), ("pool", model.shared.calibration)):
        parts, facts[name] = made.to_arrays(name)
        arrays |= parts
    metadata: dict[str, object] = {
        "family": POOLED,
        "format": FORMAT,
        "key": model.key,
        "interval_minutes": trees.interval_minutes,
        "features": list(trees.names),
        "seasons": trees.seasons,
        "knows_weather": trees.knows_weather,
        "params": trees.params.as_json(),
        "seed": trees.seed,
        "trees_learned_until": trees.learned_until.isoformat(),
        "learned_until": model.learned_until.isoformat(),
        "series": trees.series,
        "rows": trees.drawn,
        "quantiles": list(QUANTILES),
        "calibration": facts,
        "xgboost": xgb.__version__,
    }
    return saved_model(arrays, metadata)


def model_from(saved: SavedModel) -> PooledModel:
    """The model that was stored.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind.
    """
    stored: dict[str, Any] = dict(saved.metadata)
    damage = damage_of(saved.weights, stored, family=POOLED, layout=FORMAT)
    if damage:
        raise ModelFileError(what=damage)
    try:
        arrays = load(saved.weights)
        facts = stored["calibration"]
        model = PooledModel(
            key=stored["key"],
            shared=Shared(
                trees=_trees(arrays, stored),
                calibration=Calibration.from_arrays("pool", arrays, facts["pool"]),
            ),
            calibration=Calibration.from_arrays("own", arrays, facts["own"]),
            learned_until=pd.Timestamp(stored["learned_until"]),
        )
    except (SafetensorError, KeyError, TypeError, ValueError, xgb.core.XGBoostError) as error:
        raise ModelFileError(what=f"cannot be read ({error})") from error
    vars(model)["files"] = saved  # so that asking for its name does not write it again
    return model


def _trees(arrays: Arrays, stored: Mapping[str, Any]) -> SharedTrees:
    boosters = {
        name: xgb.Booster({"nthread": 1}, model_file=bytearray(arrays[name].tobytes()))
        for name in BOOSTERS
    }
    return SharedTrees(
        interval_minutes=stored["interval_minutes"],
        names=tuple(stored["features"]),
        seasons=stored["seasons"],
        knows_weather=stored["knows_weather"],
        median=boosters["median"],
        outer=boosters["outer"],
        mean=boosters["mean"],
        params=PooledParams(**stored["params"]),
        seed=stored["seed"],
        learned_until=pd.Timestamp(stored["trees_learned_until"]),
        series=stored["series"],
        drawn=stored["rows"],
    )
