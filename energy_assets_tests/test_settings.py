import re

import pytest
from pydantic import ValidationError

from energy_assets.settings import PROJECT_ROOT, MissingSettingsError, Settings


def settings_of(monkeypatch, **values: str) -> Settings:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def test_the_example_environment_names_every_setting_and_no_other():
    text = (PROJECT_ROOT / ".env.example").read_text()
    named = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, flags=re.MULTILINE)

    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_environment_shows_each_default(monkeypatch):
    text = (PROJECT_ROOT / ".env.example").read_text()
    shown = dict(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))

    assert settings_of(monkeypatch, **shown) == settings_of(monkeypatch)


def test_without_any_setting_everything_is_a_file_in_the_project(monkeypatch):
    settings = settings_of(monkeypatch)

    assert settings.document_store_url() == f"sqlite:///{PROJECT_ROOT}/data/energy_assets.db"
    assert settings.object_store_url() == (PROJECT_ROOT / "data/objects").as_uri()
    assert settings.object_store_options() == {}
    assert settings.series_store_url() == f"sqlite:///{PROJECT_ROOT}/data/energy_series.db"
    assert settings.series_store_options() == {}


def test_blank_variables_are_defaults_rather_than_a_crash(monkeypatch):
    assert settings_of(monkeypatch, DB_PORT="", METER_CLOCK="").db_port == 27017


def test_s3_without_credentials_names_the_variables_that_are_missing(monkeypatch):
    settings = settings_of(monkeypatch, OBJECT_STORE="s3://bucket", AWS_REGION="eu-west-1")

    with pytest.raises(MissingSettingsError, match=r"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"):
        settings.object_store_options()


def test_a_mongodb_password_is_escaped_in_the_url_and_hidden_in_print(monkeypatch):
    settings = settings_of(monkeypatch, DB_HOST="db.local", DB_USERNAME="me@x", DB_PASSWORD="p:w/d")

    assert settings.document_store_url() == (
        "mongodb://me%40x:p%3Aw%2Fd@db.local:27017/load_profiles_db?authSource=admin"
    )
    assert "p:w/d" not in repr(settings)


def test_a_mongodb_user_without_password_is_refused_by_name(monkeypatch):
    settings = settings_of(monkeypatch, DB_HOST="db.local", DB_USERNAME="me")

    with pytest.raises(MissingSettingsError, match="DB_PASSWORD"):
        settings.document_store_url()


@pytest.mark.parametrize("clock", ["Europe/London", "standard:5:30", "local:"])
def test_a_meter_clock_outside_its_grammar_is_refused(monkeypatch, clock):
    with pytest.raises(ValidationError, match="meter_clock"):
        settings_of(monkeypatch, METER_CLOCK=clock)


def test_influxdb_without_a_token_names_the_variables_that_are_missing(monkeypatch):
    settings = settings_of(monkeypatch, INFLUXDB_URL="http://influx:8086")

    assert settings.series_store_url() == "http://influx:8086"
    with pytest.raises(MissingSettingsError, match=r"INFLUXDB_TOKEN, INFLUXDB_ORG"):
        settings.series_store_options()


def test_an_influxdb_token_is_handed_over_and_hidden_in_print(monkeypatch):
    settings = settings_of(
        monkeypatch,
        INFLUXDB_URL="http://influx:8086",
        INFLUXDB_TOKEN="s3cret",
        INFLUXDB_ORG="utility",
    )

    assert settings.series_store_options() == {
        "token": "s3cret",
        "org": "utility",
        "bucket": "energy",
    }
    assert "s3cret" not in repr(settings)
