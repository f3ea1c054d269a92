"""Models as data files: arrays as safetensors, named by a digest of them and of their metadata."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from energy_assets.forecasting.family import SavedModel


def saved_model(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, object]) -> SavedModel:
    """Arrays in the order of their names, and metadata with a `model_id`: the digest of both."""
    data = save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    return SavedModel(weights=data, metadata={**metadata, "model_id": _digest(data, metadata)})


def damage_of(data: bytes, metadata: Mapping[str, object], *, family: str, layout: int) -> str:
    """Why files are not those that a family stored in this layout; empty where they are."""
    found = metadata.get("family"), metadata.get("format")
    if found != (family, layout):
        return f"are of family {found[0]!r}, layout {found[1]}"
    named = {name: value for name, value in metadata.items() if name != "model_id"}
    return "" if _digest(data, named) == metadata.get("model_id") else "differ from what was stored"


def _digest(data: bytes, metadata: Mapping[str, object]) -> str:
    digest = hashlib.blake2b(data, digest_size=16)
    digest.update(json.dumps(metadata, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
