import pytest

from energy_assets.intake.cells.identifiers import identifier


@pytest.mark.parametrize(
    "text", ["000090000001", "90000001", " 90000001 ", "90000001.0", "9.0000001E+07", "9,0000001e7"]
)
def test_a_serial_is_the_same_whatever_a_spreadsheet_did_to_it(text):
    assert identifier(text) == ("90000001", "")


@pytest.mark.parametrize("text", ["9E+07", "9.00001E+11", "1.75125E+12", "9.00000015E+07"])
def test_a_rounded_serial_is_not_guessed(text):
    assert identifier(text) == ("", "rounded")


@pytest.mark.parametrize("text", ["", "  ", "NaN", "null", None])
def test_no_serial_is_missing(text):
    assert identifier(text) == ("", "missing")


def test_text_references_stay_as_they_are():
    assert identifier("071/XX0000") == ("071/XX0000", "")
    assert identifier("0E12A") == ("0E12A", "")
    assert identifier("000") == ("0", "")
