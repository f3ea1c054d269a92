import pytest
import torch

from energy_assets.forecasting.bilstm.lstm import Direction, looped, stacked


def weights(*, customers=3, hidden=4, channels=(5, 3), dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)

    def made(*size):
        return torch.randn(*size, generator=generator, dtype=dtype).requires_grad_(True)

    direction = Direction(
        inputs=tuple(made(customers, width, 4 * hidden) for width in channels),
        bias=made(customers, 1, 4 * hidden),
        recurrent=made(customers, hidden, 4 * hidden),
    )
    tokens = [made(6, customers, 2, channels[0])]
    tokens += [made(4, customers, 2, width) for width in channels[1:]]
    return direction, tokens


def test_the_stacked_form_has_the_gradients_that_finite_differences_give():
    direction, tokens = weights(customers=2, hidden=2, channels=(2, 1))

    def states(past, ahead, first, second, bias, recurrent):
        made = Direction(inputs=(first, second), bias=bias, recurrent=recurrent)
        return stacked(made, [past, ahead])

    inputs = (*tokens, *direction.inputs, direction.bias, direction.recurrent)
    assert torch.autograd.gradcheck(states, inputs)


def test_both_forms_compute_the_same_states_and_gradients():
    direction, tokens = weights()
    given = [*tokens, *direction.inputs, direction.bias, direction.recurrent]
    results = []
    for form in (stacked, looped):
        states = form(direction, tokens)
        results.append([states, *torch.autograd.grad((states**2).sum(), given)])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


def test_a_sequence_of_one_step_has_no_recurrent_gradient():
    direction, _ = weights(channels=(5,))
    token = torch.ones(1, 3, 2, 5, dtype=torch.float64)
    states = stacked(direction, [token])
    (gradient,) = torch.autograd.grad(states.sum(), [direction.recurrent])
    assert gradient.abs().max().item() == pytest.approx(0.0)
