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


def refusal(monkeypatch, **values: str) -> str:
    with pytest.raises(ValidationError) as error:
        settings_of(monkeypatch, **values)
    return str(error.value)


S3_KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_REGION": "eu-west-1"}


def test_the_published_names_of_bucket_and_prefix_say_where_meter_files_arrive(monkeypatch):
    settings = settings_of(
        monkeypatch, S3_BUCKET_NAME="load-profiles-bucket", S3_BUCKET_PREFIX="data/", **S3_KEYS
    )

    assert settings.object_store_url() == "s3://load-profiles-bucket"
    assert settings.object_store_options()["secret_access_key"] == "hush"
    assert settings.load_profiles_prefix == "data/"
    assert settings.consumption_prefix == "raw/consumption/"


@pytest.mark.parametrize("name", ["S3_PREFIX", "S3_BUCKET_PREFIX"])
def test_either_spelling_of_the_prefix_is_read(monkeypatch, name):
    settings = settings_of(monkeypatch, S3_BUCKET_NAME="b", **{name: "exports/2026/"})

    assert settings.load_profiles_prefix == "exports/2026/"


def test_a_bucket_without_its_keys_is_missed_by_name(monkeypatch):
    settings = settings_of(monkeypatch, S3_BUCKET_NAME="b")

    with pytest.raises(MissingSettingsError, match="s3://b needs AWS_ACCESS_KEY_ID"):
        settings.object_store_options()


@pytest.mark.parametrize("store", ["s3://b", "s3://b/estate/one"])
def test_a_bucket_that_both_names_agree_on_is_no_conflict(monkeypatch, store):
    settings = settings_of(monkeypatch, S3_BUCKET_NAME="b", OBJECT_STORE=store)

    assert settings.object_store_url() == store


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"S3_BUCKET_NAME": "b", "OBJECT_STORE": "s3://other"}, "OBJECT_STORE S3_BUCKET_NAME"),
        ({"S3_BUCKET_NAME": "b", "OBJECT_STORE": "s3://bb/b"}, "OBJECT_STORE S3_BUCKET_NAME"),
        ({"S3_BUCKET_NAME": "b", "OBJECT_STORE": "data/objects"}, "OBJECT_STORE S3_BUCKET_NAME"),
        ({"S3_PREFIX": "a/", "S3_BUCKET_PREFIX": "b/"}, "S3_PREFIX S3_BUCKET_PREFIX"),
        ({"S3_PREFIX": "a/", "LOAD_PROFILES_PREFIX": "b/"}, "LOAD_PROFILES_PREFIX S3_PREFIX"),
        ({"INFLUX_URL": "http://a", "INFLUXDB_URL": "http://b"}, "INFLUXDB_URL INFLUX_URL"),
        ({"S3_BUCKET_NAME": "s3://b"}, "S3_BUCKET_NAME OBJECT_STORE"),
        ({"S3_BUCKET_NAME": "b/data"}, "S3_BUCKET_NAME OBJECT_STORE"),
        ({"S3_PREFIX": "/data/"}, "S3_PREFIX"),
        ({"S3_PREFIX": "raw/"}, "LOAD_PROFILES_PREFIX CONSUMPTION_PREFIX"),
        ({"S3_PREFIX": "raw/consumption/a"}, "LOAD_PROFILES_PREFIX CONSUMPTION_PREFIX"),
    ],
)
def test_published_names_that_disagree_are_refused_by_name(monkeypatch, values, words):
    text = refusal(monkeypatch, **values, **S3_KEYS)

    assert all(word in text for word in words.split())
    assert "hush" not in text


def test_the_published_names_of_influxdb_are_read(monkeypatch):
    settings = settings_of(
        monkeypatch,
        INFLUX_URL="http://influx:8086",
        INFLUX_TOKEN="s3cret",
        INFLUX_ORG="utility",
        INFLUX_BUCKET="energy_data",
    )

    assert settings.series_store_url() == "http://influx:8086"
    assert settings.series_store_options() == {
        "token": "s3cret",
        "org": "utility",
        "bucket": "energy_data",
    }
    assert "s3cret" not in repr(settings)


def test_influxdb_tokens_that_disagree_are_refused_without_being_shown(monkeypatch):
    text = refusal(
        monkeypatch, INFLUX_URL="http://influx", INFLUX_TOKEN="s3cret-1", INFLUXDB_TOKEN="s3cret-2"
    )

    assert "INFLUX_TOKEN" in text
    assert "INFLUXDB_TOKEN" in text
    assert "s3cret" not in text


def test_the_names_of_influxdbs_own_command_line_alone_change_nothing(monkeypatch):
    theirs = {"INFLUX_TOKEN": "cli", "INFLUX_ORG": "cli", "INFLUX_BUCKET": "cli"}
    ours = {"INFLUXDB_URL": "http://i", "INFLUXDB_TOKEN": "t", "INFLUXDB_ORG": "o"}
    settings = settings_of(monkeypatch, **theirs, **ours)

    assert settings.series_store_options() == {"token": "t", "org": "o", "bucket": "energy"}


def test_the_example_environment_leaves_room_for_published_names(monkeypatch):
    text = (PROJECT_ROOT / ".env.example").read_text()
    active = dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
    published = {
        "S3_BUCKET_NAME": "b",
        "S3_BUCKET_PREFIX": "data/",
        "INFLUX_URL": "http://influx",
        "INFLUX_BUCKET": "energy_data",
    }
    settings = settings_of(monkeypatch, **{**active, **published})

    assert settings.object_store == "s3://b"
    assert settings.load_profiles_prefix == "data/"
    assert settings.influxdb_bucket == "energy_data"
