"""The Bi-LSTM: 48 hours of the past, 24 hours of the day ahead, quantiles read out at the latter.

Parameters of all customers of a stack are rows of one matrix. Training is `stack`.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.bilstm.lstm import Direction, linear, looped, stacked
from energy_assets.forecasting.bilstm.shape import Shape
from energy_assets.forecasting.bilstm.windows import Batch

NORMAL_QUANTILES: Final[tuple[float, ...]] = (-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645)
"""Quantiles of the standard normal: the band of an untrained model, in spreads of the profile."""

LEVEL_WEIGHTS: Final[tuple[float, ...]] = (0.5, 0.5, 1.0, 3.0, 1.0, 0.5, 0.5)
"""How much each quantile's pinball loss counts; the median is the point forecast."""


def named(shape: Shape, flat: Tensor) -> dict[str, Tensor]:
    """Views of a stack's parameter matrix, by name: customers, rows, columns."""
    parts = flat.split(shape.counts, dim=1)
    return {
        name: part.view(len(flat), *size)
        for part, (name, size) in zip(parts, shape.sizes.items(), strict=True)
    }


def initial(shape: Shape, *, seed: int) -> Tensor:
    """Fresh parameters of one model, a row; the head's last layer is zero."""
    rng = np.random.default_rng(seed)
    rows: list[np.ndarray] = []
    for name, (height, width) in shape.sizes.items():
        bound = (1 / height) ** 0.5 if name.endswith(("_in", "_weight")) else 0.0
        block = rng.uniform(-bound, bound, (height, width))
        if name in ("forward_bias", "return_bias"):
            block[:, shape.hidden : 2 * shape.hidden] = 1.0  # remember first, forget later
        rows.append(block.reshape(-1))
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))[None]


def quantiles(shape: Shape, flat: Tensor, batch: Batch) -> Tensor:
    """Quantiles of the residual over the blend, in units of the customer's spread.

    Args:
        shape: Shape of the model.
        flat: One row of parameters per customer.
        batch: Windows of these customers.

    Returns:
        Customers, windows, intervals ahead, levels; not sorted.
    """
    weight = named(shape, flat)
    run = stacked if flat.is_cuda else looped
    forward = Direction(
        inputs=(weight["past_in"], weight["ahead_in"]),
        bias=weight["forward_bias"],
        recurrent=weight["forward_weight"],
    )
    back = Direction(
        inputs=(weight["return_in"],),
        bias=weight["return_bias"],
        recurrent=weight["return_weight"],
    )
    onward = run(forward, [batch.past, batch.ahead])[-len(batch.ahead) :]
    seen = torch.cat([onward, run(back, [batch.ahead.flip(0)]).flip(0), batch.ahead], dim=-1)
    head = torch.relu(linear(seen, weight["head_in"]) + weight["head_bias"])
    out = linear(head, weight["head_out"]) + weight["head_offset"]
    hours, customers, windows, _ = out.shape
    out = out.view(hours, customers, windows, shape.steps_per_hour, len(QUANTILES))
    out = out.permute(1, 2, 0, 3, 4).reshape(customers, windows, -1, len(QUANTILES))
    return out + batch.width[..., None] * out.new_tensor(NORMAL_QUANTILES)


def pinball(predicted: Tensor, batch: Batch) -> Tensor:
    """Weighted pinball loss of each customer over its known intervals, in spreads.

    Customers without a known interval have a loss of zero.
    """
    level = predicted.new_tensor(QUANTILES)
    error = batch.target[..., None] - predicted
    loss = torch.maximum(level * error, (level - 1) * error) @ predicted.new_tensor(LEVEL_WEIGHTS)
    return (loss * batch.known).sum(dim=(1, 2)) / batch.known.sum(dim=(1, 2)).clamp(min=1.0)
