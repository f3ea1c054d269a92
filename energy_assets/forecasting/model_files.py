"""Models as data files: arrays as safetensors, named by a digest of them and of their metadata."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.errors import ModelFileError
from energy_assets.forecasting.family import SavedModel

Arrays = dict[str, NDArray[Any]]
"""Arrays of a file by name."""

M = TypeVar("M")
"""A model."""


def saved_model(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, object]) -> SavedModel:
    """Arrays in the order of their names, and metadata with a `model_id`: the digest of both."""
    data = save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    return SavedModel(weights=data, metadata={**metadata, "model_id": _digest(data, metadata)})


def restored_model(
    saved: SavedModel, build: Callable[[Arrays, dict[str, Any]], M], *, family: str, layout: int
) -> M:
    """The model that was saved.

    Args:
        saved: Its files.
        build: Makes the model from arrays and metadata.
        family: Of which family it must be.
        layout: Version of the layout of the files.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind or an
            earlier version.
    """
    stored: dict[str, Any] = dict(saved.metadata)
    damage = damage_of(saved.weights, stored, family=family, layout=layout)
    if damage:
        raise ModelFileError(what=damage)
    try:
        model = build(load(saved.weights), stored)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:  # XGBoost's are ValueErrors
        raise ModelFileError(what=f"cannot be read ({error})") from error
    vars(model)["files"] = saved  # so that asking for its name does not write it again
    return model


def damage_of(data: bytes, metadata: Mapping[str, object], *, family: str, layout: int) -> str:
    """Why files are not those that a family stored in this layout; empty where they are."""
    found, version = metadata.get("family"), metadata.get("format")
    if found == family and isinstance(version, int) and version < layout:
        return f"were written by an earlier version (layout {version}, and this one is {layout})"
    if (found, version) != (family, layout):
        return f"are of family {found!r}, layout {version}"
    named = {name: value for name, value in metadata.items() if name != "model_id"}
    if _digest(data, named) != metadata.get("model_id"):
        return "differ from what was stored"
    quantiles = metadata.get("quantiles")
    return "" if quantiles == list(QUANTILES) else f"have the quantiles {quantiles}"


def _digest(data: bytes, metadata: Mapping[str, object]) -> str:
    digest = hashlib.blake2b(data, digest_size=16)
    digest.update(json.dumps(metadata, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
