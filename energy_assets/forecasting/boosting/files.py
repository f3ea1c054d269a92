"""A model as files: trees and arrays in one safetensors file, everything else as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.boosting.errors import ModelFileError
from energy_assets.forecasting.boosting.learner import Learner
from energy_assets.forecasting.boosting.linear import Linear
from energy_assets.forecasting.boosting.model import MeterModel
from energy_assets.forecasting.boosting.parameters import TreeParams
from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.model_files import damage_of, saved_model
from energy_assets.forecasting.past import LEAD_GROUPS

FAMILY: Final[str] = "xgboost"
"""Name of the family in metadata and scores."""

FORMAT: Final[int] = 3
"""Version of the layout of the files; earlier ones knew other bands and no expected values."""

Arrays = dict[str, NDArray[Any]]

LINEAR_ARRAYS: Final[tuple[str, ...]] = ("centre", "spread", "low", "high", "weights")


def files_of(model: MeterModel) -> tuple[bytes, dict[str, object]]:
    """Bytes and metadata; the digest of both is the `model_id`."""
    arrays: Arrays = {"typical": model.typical}
    learner = model.learner
    for name, part in (("plain", learner.plain), ("informed", learner.informed)):
        if part is not None:
            arrays |= {f"{name}.{key}": getattr(part, key) for key in LINEAR_ARRAYS}
    facts: dict[str, object] = {}
    for name, calibration in (("plain", model.plain), ("informed", model.informed)):
        if calibration is not None:
            own, facts[name] = calibration.to_arrays(name)
            arrays |= own
    for number, booster in enumerate(learner.boosters):
        raw = bytes(booster.save_raw(raw_format="ubj"))
        arrays[f"trees_{number}"] = np.frombuffer(raw, dtype=np.uint8)
    metadata: dict[str, object] = {
        "family": FAMILY,
        "format": FORMAT,
        "key": model.key,
        "unit": model.unit,
        "interval_minutes": model.interval_minutes,
        "zone": model.zone,
        "scale": asdict(model.scale),
        "seasons": model.seasons,
        "linear_features": list(learner.linear_names),
        "tree_features": list(learner.tree_names),
        "limits": list(learner.limits),
        "knows_weather": learner.informed is not None,
        "params": model.params.as_json(),
        "seed": model.seed,
        "learned_from": [instant.isoformat() for instant in model.learned_from],
        "rows": model.rows,
        "quantiles": list(QUANTILES),
        "lead_groups": [list(group) for group in LEAD_GROUPS],
        "calibration": facts,
        "xgboost": xgb.__version__,
    }
    saved = saved_model(arrays, metadata)
    return saved.weights, dict(saved.metadata)


def model_from(data: bytes, metadata: Mapping[str, object]) -> MeterModel:
    """The model that was stored.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind or an
            earlier version.
    """
    told: dict[str, Any] = dict(metadata)
    family, layout = told.get("family"), told.get("format")
    if family == FAMILY and isinstance(layout, int) and layout < FORMAT:
        raise ModelFileError(
            what=f"were written by an earlier version (layout {layout}, and this one is {FORMAT})"
        )
    damage = damage_of(data, told, family=FAMILY, layout=FORMAT)
    if damage:
        raise ModelFileError(what=damage)
    try:
        model = _model(load(data), told)
    except (SafetensorError, KeyError, TypeError, ValueError, xgb.core.XGBoostError) as error:
        raise ModelFileError(what=f"cannot be read ({error})") from error
    vars(model)["files"] = (data, told)  # so that asking for its name does not write it again
    return model


def _model(arrays: Arrays, told: dict[str, Any]) -> MeterModel:
    first, end = (pd.Timestamp(instant) for instant in told["learned_from"])
    facts = told["calibration"]
    return MeterModel(
        key=told["key"],
        unit=told["unit"],
        interval_minutes=told["interval_minutes"],
        zone=told["zone"],
        scale=Scale(**told["scale"]),
        typical=arrays["typical"],
        seasons=told["seasons"],
        learner=_learner(arrays, told),
        plain=Calibration.from_arrays("plain", arrays, facts["plain"]),
        informed=(
            Calibration.from_arrays("informed", arrays, facts["informed"])
            if told["knows_weather"]
            else None
        ),
        params=TreeParams(**told["params"]),
        seed=told["seed"],
        learned_from=(first, end),
        rows=told["rows"],
    )


def _learner(arrays: Arrays, told: dict[str, Any]) -> Learner:
    low, high = told["limits"]
    boosters = tuple(
        xgb.Booster({"nthread": 1}, model_file=bytearray(arrays[f"trees_{n}"].tobytes()))
        for n in range(told["params"]["boosters"])
    )
    return Learner(
        plain=_linear(arrays, "plain"),
        informed=_linear(arrays, "informed") if told["knows_weather"] else None,
        boosters=boosters,
        limits=(low, high),
        linear_names=tuple(told["linear_features"]),
        tree_names=tuple(told["tree_features"]),
    )


def _linear(arrays: Arrays, name: str) -> Linear:
    return Linear(**{part: arrays[f"{name}.{part}"] for part in LINEAR_ARRAYS})
