"""The two kinds of learned Bi-LSTM as data: weights as safetensors, everything else as JSON.

Nothing is trained or predicted here, and loading runs no code from a file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from energy_assets.contracts.readings import LIVE_FEATURES
from energy_assets.forecasting.bilstm.profiles import PROFILES
from energy_assets.forecasting.bilstm.scaler import Scaler
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.calibration import UNCALIBRATED, Calibration

FORMAT: Final[int] = 2
"""Version of the files' layout; earlier ones knew other bands and no expected values."""

Weights = NDArray[np.float32]
"""Parameters of one model in the order of `Shape.sizes`, flat."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedModel:
    """One Bi-LSTM over all customers of one interval length.

    Attributes:
        interval_minutes: The interval it serves. [min]
        shape: Shape of its network.
        weights: Its parameters.
        calibration: Bands and means from the pooled validation part.
        learned_until: Every training window ends by then.
        validated_until: Every validation window ends by then; later days are untouched.
        seed: Of its initial weights and of the order of windows.
        losses: Validation loss before the first pass and after each one.
        customers: How many customers it learned from.
        windows: How many training windows it could draw from.
    """

    interval_minutes: int
    shape: Shape
    weights: Weights
    calibration: Calibration = UNCALIBRATED
    learned_until: pd.Timestamp
    validated_until: pd.Timestamp
    seed: int
    losses: tuple[float, ...] = ()
    customers: int = 0
    windows: int = 0

    @cached_property
    def model_id(self) -> str:
        """Digest of weights and metadata: the same training gives the same name."""
        return _digest("shared", *self.to_bytes())

    def to_bytes(self) -> tuple[bytes, dict[str, Any]]:
        """Weights as safetensors, and metadata that JSON can hold."""
        arrays, facts = self.calibration.to_arrays("calibration")
        metadata = _common_metadata("bilstm-shared", self.shape, self.interval_minutes) | {
            "calibration": facts,
            "learned_until": self.learned_until.isoformat(),
            "validated_until": self.validated_until.isoformat(),
            "seed": self.seed,
            "losses": list(self.losses),
            "customers": self.customers,
            "windows": self.windows,
        }
        return save(_named(self.shape, self.weights, "weights") | arrays), metadata

    @classmethod
    def from_bytes(cls, weights: bytes, metadata: Mapping[str, Any]) -> "SharedModel":
        """The model that `to_bytes` wrote.

        Raises:
            ValueError: The files are of another kind, an earlier version, or damaged.
        """
        shape, arrays = _opened("bilstm-shared", weights, metadata)
        return cls(
            interval_minutes=int(metadata["interval_minutes"]),
            shape=shape,
            weights=_flat(shape, arrays, "weights"),
            calibration=_calibration("calibration", arrays, metadata),
            learned_until=pd.Timestamp(metadata["learned_until"]),
            validated_until=pd.Timestamp(metadata["validated_until"]),
            seed=int(metadata["seed"]),
            losses=tuple(metadata["losses"]),
            customers=int(metadata["customers"]),
            windows=int(metadata["windows"]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomerModel:
    """One customer's Bi-LSTM.

    Attributes:
        customer_ref: Whose it is.
        interval_minutes: The customer's interval. [min]
        shape: Shape of its network.
        basis: `customer` for weights of its own, `shared` where the shared ones were no worse or
            the customer has too little history.
        weights: Parameters that serve; they know the test days too when they were refitted.
        scored_weights: Parameters that have seen nothing at or after `validated_until`.
        calibration: Bands and means that serve, from validation and test part.
        scored_calibration: Bands and means from the validation part only.
        scaler: Scale of the live features, from the training part.
        learned_until: Every training window of the scored weights ends by then.
        validated_until: Every validation window ends by then; the test part starts there.
        data_until: End of the newest known interval that the serving weights could learn from.
        seed: Of the order of windows.
        losses: Validation loss of the start and after each pass.
        best_epoch: Passes behind the scored weights; 0 when none was better than the start.
        shared_id: The shared model that it started from.
    """

    customer_ref: str
    interval_minutes: int
    shape: Shape
    basis: str
    weights: Weights
    scored_weights: Weights
    calibration: Calibration = UNCALIBRATED
    scored_calibration: Calibration = UNCALIBRATED
    scaler: Scaler
    learned_until: pd.Timestamp
    validated_until: pd.Timestamp
    data_until: pd.Timestamp
    seed: int
    losses: tuple[float, ...] = field(default=())
    best_epoch: int = 0
    shared_id: str = ""

    @cached_property
    def model_id(self) -> str:
        """Digest of weights and metadata: the same training gives the same name."""
        return _digest("customer", *self.to_bytes())

    def to_bytes(self) -> tuple[bytes, dict[str, Any]]:
        """Weights as safetensors, and metadata that JSON can hold."""
        arrays = _named(self.shape, self.weights, "weights")
        if self.scored_weights is not self.weights:
            arrays |= _named(self.shape, self.scored_weights, "scored_weights")
        serving, of_serving = self.calibration.to_arrays("calibration")
        scored, of_scored = self.scored_calibration.to_arrays("scored_calibration")
        metadata = _common_metadata("bilstm-customer", self.shape, self.interval_minutes) | {
            "customer_ref": self.customer_ref,
            "basis": self.basis,
            "calibration": of_serving,
            "scored_calibration": of_scored,
            "scaler_mean": self.scaler.mean.tolist(),
            "scaler_deviation": self.scaler.deviation.tolist(),
            "learned_until": self.learned_until.isoformat(),
            "validated_until": self.validated_until.isoformat(),
            "data_until": self.data_until.isoformat(),
            "seed": self.seed,
            "losses": list(self.losses),
            "best_epoch": self.best_epoch,
            "shared_id": self.shared_id,
            "refitted": self.scored_weights is not self.weights,
        }
        return save(arrays | serving | scored), metadata

    @classmethod
    def from_bytes(cls, weights: bytes, metadata: Mapping[str, Any]) -> "CustomerModel":
        """The model that `to_bytes` wrote.

        Raises:
            ValueError: The files are of another kind, an earlier version, or damaged.
        """
        shape, arrays = _opened("bilstm-customer", weights, metadata)
        serving = _flat(shape, arrays, "weights")
        return cls(
            customer_ref=str(metadata["customer_ref"]),
            interval_minutes=int(metadata["interval_minutes"]),
            shape=shape,
            basis=str(metadata["basis"]),
            weights=serving,
            scored_weights=(
                _flat(shape, arrays, "scored_weights") if metadata["refitted"] else serving
            ),
            calibration=_calibration("calibration", arrays, metadata),
            scored_calibration=_calibration("scored_calibration", arrays, metadata),
            scaler=Scaler(
                mean=np.array(metadata["scaler_mean"]),
                deviation=np.array(metadata["scaler_deviation"]),
            ),
            learned_until=pd.Timestamp(metadata["learned_until"]),
            validated_until=pd.Timestamp(metadata["validated_until"]),
            data_until=pd.Timestamp(metadata["data_until"]),
            seed=int(metadata["seed"]),
            losses=tuple(metadata["losses"]),
            best_epoch=int(metadata["best_epoch"]),
            shared_id=str(metadata["shared_id"]),
        )


def _common_metadata(kind: str, shape: Shape, interval_minutes: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "format": FORMAT,
        "shape": asdict(shape),
        "interval_minutes": interval_minutes,
        "features": list(LIVE_FEATURES),
        "profiles": list(PROFILES),
    }


def _opened(
    kind: str, weights: bytes, metadata: Mapping[str, Any]
) -> tuple[Shape, dict[str, NDArray[Any]]]:
    """Shape and arrays of a file of this kind and layout."""
    found = (metadata.get("kind"), metadata.get("format"))
    if found[0] == kind and isinstance(found[1], int) and found[1] < FORMAT:
        raise ValueError(
            f"this {kind} model was written by an earlier version (layout {found[1]}, and this "
            f"one is {FORMAT}). Train the model again."
        )
    features = (metadata.get("features"), metadata.get("profiles"))
    if found != (kind, FORMAT) or features != (list(LIVE_FEATURES), list(PROFILES)):
        raise ValueError(
            f"these files hold {found[0]!r} of layout {found[1]!r}, not {kind!r} of layout "
            f"{FORMAT} with today's features. Train the model again."
        )
    try:
        arrays = load(weights)
    except SafetensorError as error:
        raise ValueError(
            f"the weights of this {kind} model are damaged ({error}). Train the model again."
        ) from error
    return Shape(**metadata["shape"]), arrays


def _named(shape: Shape, flat: Weights, prefix: str) -> dict[str, NDArray[Any]]:
    """Parameters by name, as they stand in a file."""
    parts = np.split(flat, np.cumsum(shape.counts)[:-1])
    return {
        f"{prefix}.{name}": np.ascontiguousarray(part.reshape(size))
        for part, (name, size) in zip(parts, shape.sizes.items(), strict=True)
    }


def _flat(shape: Shape, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Weights:
    """Parameters from their names, flat."""
    missing = [n for n in shape.sizes if arrays.get(f"{prefix}.{n}", _NONE).shape != shape.sizes[n]]
    if missing:
        raise ValueError(
            f"the weights {prefix} lack {missing} or have another shape than their metadata says. "
            f"Train the model again."
        )
    return np.concatenate([arrays[f"{prefix}.{n}"].reshape(-1) for n in shape.sizes])


def _calibration(
    name: str, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, Any]
) -> Calibration:
    return Calibration.from_arrays(name, arrays, metadata[name])


_NONE: Final = np.zeros(0, dtype=np.float32)


def _digest(kind: str, weights: bytes, metadata: Mapping[str, Any]) -> str:
    text = json.dumps(metadata, sort_keys=True).encode()
    return f"bilstm-{kind}-{hashlib.sha256(weights + text).hexdigest()[:16]}"
