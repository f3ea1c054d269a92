import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.bilstm import (
    BiLstm,
    BiLstmModel,
    BiLstmSettings,
    CustomerModel,
    SharedModel,
    fine_tune,
    finetuning,
    predict,
    predict_origins,
    pretrain,
)
from energy_assets.forecasting.bilstm.family import fitted_model
from energy_assets.forecasting.bilstm.scaler import fitted_scaler
from energy_assets_tests.forecasting.histories import daily_pattern, history, local_days

SMALL = BiLstmSettings(hidden=8, head=8, shared_epochs=3, own_epochs=4, own_rate=2e-3)


def pool(minutes=60, days=35):
    return [
        daily_pattern(days, seed=seed, minutes=minutes, customer_ref=str(900 + seed))
        for seed in range(4)
    ]


@pytest.fixture(scope="module")
def shared():
    return pretrain(pool(), seed=1, settings=SMALL)


@pytest.fixture(scope="module")
def own(shared):
    return fine_tune(shared, pool(), seed=1, settings=SMALL)


def same(one, other):
    """Whether two calibrations are the same to the bit."""
    (arrays, facts), (others, their_facts) = one.to_arrays("x"), other.to_arrays("x")
    return facts == their_facts and all((arrays[name] == others[name]).all() for name in arrays)


def with_energy(past, energy):
    return replace(past, values=np.asarray(energy, dtype=np.float64))


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_a_day_ahead_has_as_many_ordered_intervals_as_the_meter_has(minutes):
    histories = pool(minutes=minutes, days=12)[:2]
    model = pretrain(histories, seed=0, settings=replace(SMALL, shared_epochs=1))
    forecast = predict(model, histories[0])
    assert forecast.quantiles.shape == (24 * 60 // minutes, 7)
    assert (np.diff(forecast.quantiles, axis=1) >= 0).all()
    assert (forecast.quantiles >= 0).all()
    assert forecast.valid_at[0] == forecast.origin_at == histories[0].end_at
    assert forecast.basis == "shared"


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_nothing_after_the_origin_changes_a_forecast(kind, shared, own):
    past = pool()[0]
    model = shared if kind == "shared" else own[past.key]
    origin = past.start_at + pd.Timedelta(days=30, hours=7)
    changed = past.values.copy()
    changed[30 * 24 + 7 :] = 1e5
    after = predict(model, replace(past, values=changed), origin_at=origin)
    cut = predict(model, past.until(origin), origin_at=origin)
    now = predict(model, past, origin_at=origin)
    np.testing.assert_array_equal(now.quantiles, after.quantiles)
    np.testing.assert_array_equal(now.quantiles, cut.quantiles)


def test_nothing_after_the_origin_changes_a_forecast_over_a_clock_change(shared):
    past = local_days(60, start="2025-02-15", zone="Europe/Berlin")
    origin = pd.Timestamp("2025-03-30", tz="Europe/Berlin").tz_convert("UTC")
    at = past.steps_before(origin)
    energy = past.values.copy()
    energy[at:] = 1e5
    now = predict(shared, past, origin_at=origin)
    np.testing.assert_array_equal(
        now.quantiles, predict(shared, with_energy(past, energy), origin_at=origin).quantiles
    )
    assert len(now.valid_at) == 24
    assert now.valid_at[-1].tz_convert("Europe/Berlin").hour == 0  # a day of 23 hours, and one more


def test_nothing_in_the_test_part_changes_what_is_scored(shared, own):
    past = pool()[1]
    model = own[past.key]
    values = past.values.copy()
    values[past.steps_before(model.validated_until) :] *= 7
    again = fine_tune(shared, [replace(past, values=values)], seed=1, settings=SMALL)
    other = again[past.key]
    np.testing.assert_array_equal(model.scored_weights, other.scored_weights)
    assert model.losses == other.losses
    assert same(model.scored_calibration, other.scored_calibration)
    assert not same(model.calibration, other.calibration)


def test_the_scaler_has_seen_the_training_part_only(shared, own):
    past = pool()[1]
    later = {name: column.copy() for name, column in past.past.items()}
    for column in later.values():
        column[past.steps_before(own["901"].learned_until) :] = 99.0
    other = fine_tune(shared, [replace(past, past=later)], seed=1, settings=SMALL)["901"]
    np.testing.assert_array_equal(own["901"].scaler.mean, other.scaler.mean)
    np.testing.assert_array_equal(own["901"].scaler.deviation, other.scaler.deviation)


def test_the_shared_model_has_not_seen_the_pools_test_part(shared):
    changed = []
    for past in pool():
        energy = past.values.copy()
        energy[past.steps_before(shared.validated_until) :] = 0.0
        changed.append(with_energy(past, energy))
    again = pretrain(changed, seed=1, settings=SMALL)
    np.testing.assert_array_equal(shared.weights, again.weights)


def test_the_same_seed_gives_the_same_weights_to_the_bit_and_another_seed_does_not(shared, own):
    again = pretrain(pool(), seed=1, settings=SMALL)
    np.testing.assert_array_equal(shared.weights, again.weights)
    assert again.model_id == shared.model_id
    assert pretrain(pool(), seed=2, settings=SMALL).model_id != shared.model_id
    alone = fine_tune(again, pool()[2:3], seed=1, settings=SMALL)["902"]
    assert alone.model_id == own["902"].model_id


def test_processes_give_the_same_models_as_one_process(shared, own, monkeypatch):
    monkeypatch.setattr(finetuning, "WORTH_A_PROCESS", 1)
    models = fine_tune(shared, pool(), seed=1, workers=2, settings=SMALL)
    assert {ref: m.model_id for ref, m in models.items()} == {
        ref: m.model_id for ref, m in own.items()
    }


def test_a_customer_whose_own_weights_are_no_better_keeps_the_shared_ones(shared):
    wild = replace(SMALL, own_rate=30.0, clip=1e9)
    model = fine_tune(shared, pool()[:1], seed=1, settings=wild)["900"]
    assert model.basis == "shared"
    assert model.best_epoch == 0
    np.testing.assert_array_equal(model.weights, shared.weights)
    assert predict(model, pool()[0]).basis == "shared"


def test_serving_weights_know_the_newest_days_and_scored_weights_do_not(own):
    tuned = [model for model in own.values() if model.basis == "customer"]
    assert tuned
    for model in tuned:
        assert not np.array_equal(model.weights, model.scored_weights)
        assert model.data_until == pool()[0].end_at
        assert model.validated_until < model.data_until


def test_without_a_refit_the_scored_weights_serve(shared):
    model = fine_tune(shared, pool()[:1], seed=1, settings=replace(SMALL, refit_epochs=0))["900"]
    assert model.weights is model.scored_weights
    weights, metadata = model.to_bytes()
    again = CustomerModel.from_bytes(weights, metadata)
    assert again.weights is again.scored_weights


def test_training_goes_on_from_the_previous_model_where_that_is_better(shared, own):
    past = pool()[3]
    before = own[past.key]
    assert before.basis == "customer"
    still = replace(SMALL, own_epochs=0)
    model = fine_tune(shared, [past], previous={past.key: before}, seed=1, settings=still)[past.key]
    np.testing.assert_array_equal(model.scored_weights, before.scored_weights)
    assert model.losses[0] == pytest.approx(min(before.losses), rel=1e-6)
    assert model.basis == "customer"


def test_a_previous_model_that_has_seen_the_validation_days_is_no_start(shared, own):
    past = pool()[3]
    later = replace(own[past.key], learned_until=past.end_at, validated_until=past.end_at)
    still = replace(SMALL, own_epochs=0)
    model = fine_tune(shared, [past], previous={past.key: later}, seed=1, settings=still)[past.key]
    assert model.basis == "shared"


def test_saving_and_loading_gives_identical_forecasts(shared, own):
    past = pool()[3]
    for kind, model in ((SharedModel, shared), (CustomerModel, own[past.key])):
        weights, metadata = model.to_bytes()
        again = kind.from_bytes(weights, json.loads(json.dumps(metadata)))
        np.testing.assert_array_equal(
            predict(model, past).quantiles, predict(again, past).quantiles
        )
        assert again.model_id == model.model_id
        assert same(model.calibration, again.calibration)
        np.testing.assert_array_equal(
            predict(model, past).daily.quantiles, predict(again, past).daily.quantiles
        )
        assert len(weights) < 200_000
    assert same(own[past.key].scored_calibration, again.scored_calibration)


def test_damaged_or_foreign_files_are_refused_with_a_reason(shared):
    weights, metadata = shared.to_bytes()
    with pytest.raises(ValueError, match="damaged"):
        SharedModel.from_bytes(weights[:50], metadata)
    with pytest.raises(ValueError, match="not 'bilstm-customer'"):
        CustomerModel.from_bytes(weights, metadata)
    with pytest.raises(ValueError, match="another shape"):
        SharedModel.from_bytes(weights, {**metadata, "shape": {**metadata["shape"], "head": 9}})
    with pytest.raises(ValueError, match="today's features"):
        SharedModel.from_bytes(weights, {**metadata, "features": ["import_kwh"]})


@pytest.mark.parametrize("kind", [SharedModel, CustomerModel])
def test_a_model_of_an_earlier_version_is_refused_as_such(kind, shared, own):
    weights, metadata = (shared if kind is SharedModel else own["900"]).to_bytes()
    earlier = {**metadata, "format": 1, "factors": [1.0] * 7}
    with pytest.raises(ValueError, match=r"written by an earlier version .* Train the model again"):
        kind.from_bytes(weights, earlier)


def test_bands_of_another_shape_are_refused(shared):
    _, metadata = shared.to_bytes()
    bands = replace(shared.calibration.intervals, weights=np.zeros((2, 3)))
    odd = replace(shared, calibration=replace(shared.calibration, intervals=bands))
    with pytest.raises(ValueError, match="these are not bands"):
        SharedModel.from_bytes(odd.to_bytes()[0], metadata)


def test_a_new_customer_is_served_by_the_shared_model_and_a_newer_one_by_the_blend(shared):
    new = pool()[0].until(pool()[0].start_at + pd.Timedelta(days=4))
    model = fine_tune(shared, [new], seed=1, settings=SMALL)["900"]
    assert model.basis == "shared"
    assert predict(model, new).basis == "shared"
    newest = new.until(new.start_at + pd.Timedelta(hours=20))
    forecast = predict(shared, newest)
    assert forecast.basis == "naive_blend"
    assert np.isfinite(forecast.quantiles).all()


def test_a_customer_of_another_interval_is_served_by_the_blend_but_not_trained(shared):
    finer = daily_pattern(10, seed=0, minutes=15)
    assert predict(shared, finer).basis == "naive_blend"
    with pytest.raises(ValueError, match="intervals of 15 min and the shared model 60 min"):
        fine_tune(shared, [finer], seed=1, settings=SMALL)
    with pytest.raises(ValueError, match="one interval length"):
        pretrain([finer, pool()[0]], seed=0)


@pytest.mark.parametrize(
    "energy",
    [
        np.full(24 * 20, np.nan),
        np.zeros(24 * 20),
        np.full(24 * 20, 0.25),
        np.where(np.arange(24 * 20) == 77, 1e6, 0.0),
    ],
    ids=["never read", "empty home", "constant", "one absurd reading"],
)
def test_odd_customers_neither_stop_nor_spoil_anything(energy):
    odd = history(energy, start="2025-03-01", customer_ref="odd")
    histories = [*pool(days=20)[:2], odd]
    model = pretrain(histories, seed=0, settings=SMALL)
    assert np.isfinite(model.weights).all()
    own = fine_tune(model, histories, seed=0, settings=SMALL)["odd"]
    assert np.isfinite(own.weights).all()
    forecast = predict(own, odd)
    assert np.isfinite(forecast.quantiles).all()
    if energy[0] == 0.25:
        assert forecast.median == pytest.approx([0.25] * 24, abs=0.1)


def test_a_pool_without_any_usable_window_still_gives_a_model_that_serves():
    unread = history(np.full(24, np.nan))
    model = pretrain([unread], seed=0, settings=SMALL)
    past = daily_pattern(10, seed=1)
    assert predict(model, past).basis == "shared"
    assert predict(model, unread).basis == "naive_blend"


def test_missing_readings_are_said_on_the_forecast_and_widen_its_band(own):
    past = pool()[3]
    holes = past.values.copy()
    holes[-24:] = np.nan
    forecast = predict(own[past.key], with_energy(past, holes))
    assert forecast.imputed_share == 0.5
    assert np.isfinite(forecast.quantiles).all()


def test_the_origin_may_be_any_instant_and_every_origin_stands_alone(own):
    past = pool()[3]
    model = own[past.key]
    hours = [past.start_at + pd.Timedelta(days=30, hours=h) for h in (3, 9, 15)]
    origins = [*hours, past.end_at + pd.Timedelta(minutes=20)]
    together = predict_origins(model, past, origins)
    for origin, forecast in zip(origins, together, strict=True):
        assert forecast.origin_at == origin.floor("h")  # the interval that contains it comes first
        alone = predict(model, past, origin_at=origin)
        np.testing.assert_allclose(forecast.quantiles, alone.quantiles, rtol=1e-5, atol=1e-7)


def test_the_scaler_ignores_missing_values_and_leaves_constant_features_alone():
    past = history([1.0, 2.0, 3.0], others=5.0)
    past.past["phase_a_current"][:] = [1.0, np.nan, 3.0]
    scaler = fitted_scaler(past)
    assert scaler.mean[2] == 2.0
    assert scaler.deviation[2] == 1.0
    assert scaler.scaled(past)[:, 0].tolist() == [0.0] * 3


def test_the_family_fits_a_pool_of_mixed_intervals_and_reloads_its_models():
    histories = [
        daily_pattern(12, seed=0, customer_ref="a"),
        daily_pattern(12, seed=1, minutes=30, customer_ref="b"),
    ]
    family = BiLstm(settings=replace(SMALL, shared_epochs=1, own_epochs=1))
    fitted = family.fit(histories)
    assert set(fitted) == {"a", "b"}
    model = fitted["b"].model
    again = family.load(model.save())
    assert isinstance(again, BiLstmModel)
    origins = [histories[1].end_at]
    np.testing.assert_array_equal(
        model.predict(histories[1], origins)[0].quantiles,
        again.predict(histories[1], origins)[0].quantiles,
    )


def test_what_came_later_changes_no_forecast_of_a_held_out_day(shared, own):
    past = pool()[3]
    cut = past.steps_before(own[past.key].validated_until)
    values = past.values.copy()
    values[cut:] = values[cut:] * 3.0 + np.random.default_rng(0).exponential(1.0, len(values) - cut)
    changed = with_energy(past, values)
    other = fine_tune(shared, [changed], seed=1, settings=SMALL)[past.key]
    assert not np.array_equal(other.weights, other.scored_weights)

    here, there = fitted_model(own[past.key], past), fitted_model(other, changed)

    border = own[past.key].validated_until
    one, two = (
        next(forecast for forecast in fitted.held_out if forecast.origin_at == border)
        for fitted in (here, there)
    )
    np.testing.assert_array_equal(one.quantiles, two.quantiles)
    np.testing.assert_array_equal(one.mean, two.mean)
    np.testing.assert_array_equal(one.daily.quantiles, two.daily.quantiles)


def test_a_whole_local_day_has_a_band_of_its_own(own):
    past = pool()[2]
    midnight, morning = past.end_at, past.end_at - pd.Timedelta(hours=17)
    day = predict(own[past.key], past, origin_at=midnight)
    assert day.daily.valid_at.tolist() == [midnight]
    assert day.daily.mean[0] == pytest.approx(day.mean.sum())
    assert (np.diff(day.daily.quantiles) >= 0).all()
    hours = day.quantiles
    widest = (hours[:, -1] - hours[:, 0]).sum()
    assert 0 < day.daily.quantiles[0, -1] - day.daily.quantiles[0, 0] < 0.8 * widest
    assert len(predict(own[past.key], past, origin_at=morning).daily) == 0
    (further,) = predict_origins(own[past.key], past, [morning], days=3)
    assert further.daily.valid_at.tolist() == [midnight, midnight + pd.Timedelta(days=1)]
    assert set(further.daily.basis) == {"naive_blend"}


def test_bands_follow_the_errors_of_days_that_were_not_learned_from(own):
    past = pool()[0]
    model = own[past.key]
    rng = np.random.default_rng(3)
    later = daily_pattern(49, seed=0, noise=0.6).values * rng.lognormal(0, 0.6, 49 * 24)
    longer = history(np.concatenate([past.values, later[35 * 24 :]]), others=1.0)
    wild = predict(model, longer)
    fresh = predict(replace(model, data_until=longer.end_at), longer)
    width, usual = (f.quantiles[:, -1] - f.median for f in (wild, fresh))
    assert width.mean() > 1.2 * usual.mean()
    np.testing.assert_array_equal(wild.median, fresh.median)
