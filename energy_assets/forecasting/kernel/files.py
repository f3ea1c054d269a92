"""A kernel model as files: arrays in one safetensors file, everything else as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.boosting.errors import ModelFileError
from energy_assets.forecasting.boosting.scale import Scale
from energy_assets.forecasting.calibration import Calibration
from energy_assets.forecasting.kernel.inputs import Key
from energy_assets.forecasting.kernel.issuing import KERNEL
from energy_assets.forecasting.kernel.model import KernelModel
from energy_assets.forecasting.kernel.regression import Regression, Scaler
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.model_files import damage_of, saved_model

FORMAT: Final[int] = 1
"""Version of the layout of the files."""

Arrays = dict[str, NDArray[Any]]

SCALER_ARRAYS: Final[tuple[str, ...]] = ("centre", "spread", "weight")

OWN_ARRAYS: Final[tuple[str, ...]] = ("known", "duals", "mean")


def files_of(model: KernelModel) -> tuple[bytes, dict[str, object]]:
    """Bytes and metadata; the digest of both is the `model_id`."""
    arrays: Arrays = {}
    regressions: list[dict[str, object]] = []
    for number, (key, one) in enumerate(model.regressions.items()):
        regressions.append({**asdict(key), "narrowness": one.narrowness})
        arrays |= {f"{number}.{name}": getattr(one.scaler, name) for name in SCALER_ARRAYS}
        arrays |= {f"{number}.{name}": getattr(one, name) for name in OWN_ARRAYS}
    facts: dict[str, object] = {}
    for name, calibration in (("plain", model.plain), ("informed", model.informed)):
        if calibration is not None:
            own, facts[name] = calibration.to_arrays(name)
            arrays |= own
    metadata: dict[str, object] = {
        "family": KERNEL,
        "format": FORMAT,
        "key": model.key,
        "unit": model.unit,
        "interval_minutes": model.interval_minutes,
        "zone": model.zone,
        "scale": asdict(model.scale),
        "covariates": list(model.covariates),
        "regressions": regressions,
        "calibration": facts,
        "limits": list(model.limits),
        "settings": model.settings.as_json(),
        "learned_from": [instant.isoformat() for instant in model.learned_from],
        "quantiles": list(QUANTILES),
    }
    saved = saved_model(arrays, metadata)
    return saved.weights, dict(saved.metadata)


def model_from(data: bytes, metadata: Mapping[str, object]) -> KernelModel:
    """The model that was stored.

    Raises:
        ModelFileError: The files are damaged, do not belong together, or are of another kind.
    """
    stored: dict[str, Any] = dict(metadata)
    damage = damage_of(data, stored, family=KERNEL, layout=FORMAT)
    if damage:
        raise ModelFileError(what=damage)
    if stored.get("quantiles") != list(QUANTILES):
        raise ModelFileError(what=f"have the quantiles {stored.get('quantiles')}")
    try:
        model = _model(load(data), stored)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(what=f"cannot be read ({error})") from error
    vars(model)["files"] = (data, stored)  # so that asking for its name does not write it again
    return model


def _model(arrays: Arrays, stored: dict[str, Any]) -> KernelModel:
    settings: dict[str, Any] = dict(stored["settings"])
    settings |= {name: tuple(settings[name]) for name in ("slots", "narrowness", "noises")}
    first, end = (pd.Timestamp(instant) for instant in stored["learned_from"])
    facts = stored["calibration"]
    calibrations = {name: Calibration.from_arrays(name, arrays, facts[name]) for name in facts}
    low, high = stored["limits"]
    return KernelModel(
        key=stored["key"],
        unit=stored["unit"],
        interval_minutes=stored["interval_minutes"],
        zone=stored["zone"],
        scale=Scale(**stored["scale"]),
        covariates=tuple(stored["covariates"]),
        regressions=dict(
            _regression(arrays, number, one) for number, one in enumerate(stored["regressions"])
        ),
        plain=calibrations["plain"],
        informed=calibrations.get("informed"),
        limits=(low, high),
        settings=KernelSettings(**settings),
        learned_from=(first, end),
    )


def _regression(arrays: Arrays, number: int, stored: dict[str, Any]) -> tuple[Key, Regression]:
    key = Key(slot=stored["slot"], lead=stored["lead"], informed=stored["informed"])
    own = {name: arrays[f"{number}.{name}"] for name in OWN_ARRAYS}
    scaler = Scaler(**{name: arrays[f"{number}.{name}"] for name in SCALER_ARRAYS})
    return key, Regression(scaler=scaler, narrowness=stored["narrowness"], **own)
