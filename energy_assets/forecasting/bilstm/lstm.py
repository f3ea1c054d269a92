"""One direction of an LSTM over a stack of customers, each with its own weights, in two forms.

Hochreiter and Schmidhuber (1997), Neural Computation 9(8), with a forget gate and no peepholes.
`looped` runs the library's kernel once a customer and is faster on a CPU; `stacked` computes all
customers with batched products, in one autograd step, and keeps a GPU busy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor


class _Sequence(torch.autograd.Function):
    """Hidden states of a sequence from its input gates and recurrent weights."""

    @staticmethod
    def forward(ctx: Any, gates_in: Tensor, weight: Tensor) -> Tensor:  # noqa: ANN401 - autograd's
        steps, stack, batch, width = gates_in.shape
        hidden = width // 4
        gates = torch.empty_like(gates_in)
        cells = gates_in.new_empty(steps, stack, batch, hidden)
        squashed = torch.empty_like(cells)
        states = torch.empty_like(cells)
        state = gates_in.new_zeros(stack, batch, hidden)
        cell = torch.zeros_like(state)
        views = zip(
            gates_in.unbind(0),
            gates.unbind(0),
            gates[..., : 2 * hidden].unbind(0),
            *(part.unbind(0) for part in gates.split(hidden, dim=-1)),
            cells.unbind(0),
            squashed.unbind(0),
            states.unbind(0),
            strict=True,
        )
        for given, gate, opening, enter, keep, fresh, leave, after, squash, out in views:
            torch.baddbmm(given, state, weight, out=gate)
            opening.sigmoid_()
            leave.sigmoid_()
            fresh.tanh_()
            cell = torch.mul(keep, cell, out=after).addcmul_(enter, fresh)
            state = torch.mul(leave, torch.tanh(cell, out=squash), out=out)
        ctx.save_for_backward(gates, cells, squashed, states, weight)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401 - autograd's
        gates, cells, squashed, states, weight = ctx.saved_tensors
        steps, stack, batch, hidden = cells.shape
        enter, keep, fresh, leave = gates.split(hidden, dim=-1)
        # What a change of the state or the cell does to each gate, for all steps at once.
        to_cell = leave * (1 - squashed * squashed)
        by_state = squashed * leave * (1 - leave)
        by_cell = torch.empty_like(gates[..., : 3 * hidden]).unflatten(-1, (3, hidden))
        torch.mul(fresh, enter * (1 - enter), out=by_cell[..., 0, :])
        by_cell[:1, ..., 1, :] = 0.0
        torch.mul(cells[:-1], (keep * (1 - keep))[1:], out=by_cell[1:, ..., 1, :])
        torch.mul(enter, 1 - fresh * fresh, out=by_cell[..., 2, :])
        grad_gates = torch.empty_like(gates)
        back = weight.transpose(1, 2)
        grad_cell = cells.new_zeros(stack, batch, 1, hidden)
        next_gates = None
        views = zip(
            grads[0].unbind(0),
            to_cell.unsqueeze(-2).unbind(0),
            by_state.unbind(0),
            by_cell.unbind(0),
            keep.unsqueeze(-2).unbind(0),
            grad_gates.unbind(0),
            grad_gates[..., 3 * hidden :].unbind(0),
            grad_gates[..., : 3 * hidden].unflatten(-1, (3, hidden)).unbind(0),
            strict=True,
        )
        for given, through, state_part, cell_part, kept, gate, first, rest in reversed(list(views)):
            grad_state = given if next_gates is None else torch.baddbmm(given, next_gates, back)
            grad_cell.addcmul_(grad_state.unsqueeze(-2), through)
            torch.mul(grad_state, state_part, out=first)
            torch.mul(grad_cell, cell_part, out=rest)
            grad_cell.mul_(kept)
            next_gates = gate
        earlier = states[:-1].permute(1, 3, 0, 2).reshape(stack, hidden, (steps - 1) * batch)
        later = grad_gates[1:].transpose(0, 1).reshape(stack, (steps - 1) * batch, 4 * hidden)
        return grad_gates, torch.bmm(earlier, later)


@dataclass(frozen=True, kw_only=True)
class Direction:
    """Weights of one direction, for each customer of a stack.

    Attributes:
        inputs: For each kind of token, in the order in which they come: customers, channels,
            4 x hidden; gates in the order input, forget, fresh value, output.
        bias: Customers, 1, 4 x hidden.
        recurrent: Customers, hidden, 4 x hidden.
    """

    inputs: tuple[Tensor, ...]
    bias: Tensor
    recurrent: Tensor


def stacked(direction: Direction, tokens: Sequence[Tensor]) -> Tensor:
    """Hidden state after each token, all customers at once, starting from nothing.

    Args:
        direction: Weights.
        tokens: For each kind, in order: steps, customers, windows, channels.

    Returns:
        Steps of all kinds, customers, windows, hidden.
    """
    parts = [linear(kind, w) for kind, w in zip(tokens, direction.inputs, strict=True)]
    states = _Sequence.apply(torch.cat(parts) + direction.bias, direction.recurrent)
    return cast("Tensor", states)


def looped(direction: Direction, tokens: Sequence[Tensor]) -> Tensor:
    """The same as `stacked`, one customer after the other."""
    return torch.stack(
        [_alone(direction, tokens, place) for place in range(len(direction.bias))], dim=1
    )


def _alone(direction: Direction, tokens: Sequence[Tensor], place: int) -> Tensor:
    """Hidden states of one customer: steps, windows, hidden."""
    recurrent = direction.recurrent[place].t()
    bias = direction.bias[place, 0]
    nothing = torch.zeros_like(bias)
    hidden = recurrent.shape[1]
    memory = (tokens[0].new_zeros(1, tokens[0].shape[2], hidden),) * 2
    states: list[Tensor] = []
    for kind, weight in zip(tokens, direction.inputs, strict=True):
        flat = [weight[place].t(), recurrent, bias, nothing]
        out, *memory = torch.lstm(kind[:, place], memory, flat, True, 1, 0.0, True, False, False)
        states.append(out)
    return torch.cat(states)


def linear(tokens: Tensor, weight: Tensor) -> Tensor:
    """Each customer's own linear map of tokens: steps, customers, windows, channels."""
    steps, customers, windows, channels = tokens.shape
    flat = tokens.transpose(0, 1).reshape(customers, steps * windows, channels)
    out = torch.bmm(flat, weight)
    return out.view(customers, steps, windows, -1).transpose(0, 1)
