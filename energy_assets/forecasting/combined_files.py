"""A combination as files: its members' files in one safetensors file, weights and facts as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.averaging import COMBINATION
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.family import SavedModel
from energy_assets.forecasting.model_files import damage_of, saved_model
from energy_assets.forecasting.weights import Weights

FORMAT: Final[int] = 1
"""Version of the layout of the files."""

MEMBER: Final[str] = "member."
"""Arrays whose name begins so are the files of members."""


class CombinationFileError(ValueError):
    """The files of a combination are damaged or of another kind."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"the files of a combination {what}; fit it again or load the files that were stored "
            f"together."
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """What a combination is made of.

    Attributes:
        key: Which series.
        members: Files of the members by family.
        weights: How much each counts.
        calibration: What errors of the average say.
    """

    key: str
    members: Mapping[str, SavedModel]
    weights: Weights
    calibration: Calibration


def files_of(
    key: str, members: Mapping[str, SavedModel], weights: Weights, calibration: Calibration
) -> SavedModel:
    """Bytes and metadata; the digest of both is the `model_id`."""
    arrays: dict[str, NDArray[Any]] = {
        f"{MEMBER}{name}": np.frombuffer(own.weights, dtype=np.uint8)
        for name, own in members.items()
    }
    found, facts = calibration.to_arrays("calibration")
    arrays |= found
    metadata: dict[str, object] = {
        "family": COMBINATION,
        "format": FORMAT,
        "key": key,
        "members": {name: dict(own.metadata) for name, own in members.items()},
        "weights": weights.as_json(),
        "calibration": facts,
        "quantiles": list(QUANTILES),
    }
    return saved_model(arrays, metadata)


def parts_of(saved: SavedModel) -> Parts:
    """What `files_of` packed.

    Raises:
        CombinationFileError: The files are damaged, do not belong together, or are of another kind.
    """
    stored: dict[str, Any] = dict(saved.metadata)
    damage = damage_of(saved.weights, stored, family=COMBINATION, layout=FORMAT)
    if damage:
        raise CombinationFileError(what=damage)
    try:
        arrays = load(saved.weights)
        return Parts(
            key=stored["key"],
            members={
                name: SavedModel(weights=arrays[f"{MEMBER}{name}"].tobytes(), metadata=own)
                for name, own in stored["members"].items()
            },
            weights=Weights.from_json(stored["weights"]),
            calibration=Calibration.from_arrays("calibration", arrays, stored["calibration"]),
        )
    except (SafetensorError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CombinationFileError(what=f"cannot be read ({error})") from error
