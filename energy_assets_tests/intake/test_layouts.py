import pytest

from energy_assets.contracts.readings import VALUE_NAMES
from energy_assets.customer_load.file_kind import load_profile_kind
from energy_assets.intake import layouts
from energy_assets.intake.errors import (
    DuplicatedColumnsError,
    MissingColumnsError,
    TooManyColumnsError,
)
from energy_assets_tests.intake.exports import FULL_HEADER

REQUIRED = ["SERIAL", "DATE", "TIME", "IMPORT_KWH"]


def layout_of(header):
    return layouts.layout_of(header, load_profile_kind(), object_key="a.csv")


def positions(header):
    return layout_of(header).positions


def test_the_portal_header_names_every_value_but_the_instantaneous_power_factor():
    found = positions(FULL_HEADER.split(","))
    assert set(VALUE_NAMES) - set(found) == {"phase_a_power_factor"}
    assert (
        found["import_kwh"] == 6 and found["avg_voltage"] == 22 and found["phase_b_voltage"] == 14
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "Import kWh (kWh)",
        "importkwh(kwh)",
        "IMPORT_KWH",
        " import.kwh ",
        "IMPORT_KWH (kW",
        "\ufeffIMPORT_KWH",
    ],
)
def test_case_blanks_dots_underscores_and_units_do_not_matter(spelling):
    assert positions(["Serial", "Date", "TIME", spelling])["import_kwh"] == 3


def test_two_power_factor_columns_are_the_mean_and_the_instantaneous_one():
    found = positions([*REQUIRED, "INST._POWER_FACTOR", "POWER_FACTOR"])
    assert (found["phase_a_power_factor"], found["power_factor"]) == (4, 5)


@pytest.mark.parametrize(
    "spelling", ["INST._POWER_FACTOR", "Inst. Power factor", "Phase ABC Power factor"]
)
def test_a_lone_power_factor_is_the_power_factor_whatever_it_is_called(spelling):
    found = positions([*REQUIRED, spelling])
    assert found["power_factor"] == 4 and "phase_a_power_factor" not in found


def test_cut_phase_headers_are_current_first_and_voltage_second():
    cut = ["PHASE_A_INST", "PHASE_B_", "PHASE_C_", "PHASE_A_INST", "PHASE_B_", "PHASE_C_"]
    found = positions([*REQUIRED, *cut])
    assert [found[f"phase_{p}_current"] for p in "abc"] == [4, 5, 6]
    assert [found[f"phase_{p}_voltage"] for p in "abc"] == [7, 8, 9]


def test_a_cut_phase_header_beside_its_whole_partner_is_the_other_quantity():
    found = positions([*REQUIRED, "PHASE_A_INST._CURRENT (A)", "PHASE_A_INST"])
    assert found["phase_a_voltage"] == 5


def test_a_single_cut_phase_header_is_not_guessed():
    layout = layout_of([*REQUIRED, "PHASE_A_INST"])
    assert layout.ignored == ("PHASE_A_INST",)


def test_a_cut_header_counts_when_only_one_field_begins_that_way():
    found = positions([*REQUIRED, "IMPORT_KV", "AVG._VOL", "AVG._IMPORT_K"])
    assert (found["import_kvarh"], found["avg_voltage"]) == (4, 5)
    assert "avg_import_kw" not in found and "avg_import_kva" not in found


def test_unknown_columns_are_reported():
    assert layout_of([*REQUIRED, "Remarks", ""]).ignored == ("Remarks",)


def test_one_column_may_hold_date_and_time():
    assert positions(["meter id", "Date Time", "avg import kw"])["datetime"] == 1


def test_date_and_time_win_over_the_rounded_timestamp():
    found = positions(["SERIAL", "TIMESTAMP", "DATE", "TIME", "IMPORT_KWH"])
    assert "datetime" not in found and (found["date"], found["time"]) == (2, 3)


def test_missing_columns_are_all_named():
    with pytest.raises(
        MissingColumnsError, match=r"SERIAL; DATE and TIME .*; IMPORT_KWH.*'Remarks'"
    ):
        positions(["Remarks"])


def test_two_columns_of_one_meaning_stop_the_file():
    with pytest.raises(
        DuplicatedColumnsError, match="'IMPORT_KWH' and 'Import kWh' both mean import_kwh"
    ):
        positions([*REQUIRED, "Import kWh"])


def test_a_million_columns_stop_the_file():
    with pytest.raises(TooManyColumnsError, match="1,000,000 columns"):
        positions(["x"] * 1_000_000)
