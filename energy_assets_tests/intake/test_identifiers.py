import pytest

from energy_assets.intake.cells.identifiers import identifier


@pytest.mark.parametrize(
    "text", ["000090000001", "90000001", " 90000001 ", "90000001.0", "9.0000001E+07", "9,0000001e7"]
)
def test_a_serial_is_the_same_whatever_a_spreadsheet_did_to_it(text):
    assert identifier(text) == ("90000001", "")


@pytest.mark.parametrize(
    "text",
    ["'0000123", "\u20190000123", "'123'", '="0000123"', '=""0000123""', "= \"123\"", "\ufeff123",
     "\u00a0123\u00a0", "1\u200b23", "'123.0", '="123.0"'],
)  # fmt: skip
def test_what_keeps_a_spreadsheet_from_counting_is_no_part_of_a_serial(text):
    assert identifier(text) == ("123", "")


@pytest.mark.parametrize(
    "text",
    ["90,000,001", "90.000.001", "90 000 001", "90'000'001", "90\u2019000\u2019001",
     "90\u00a0000\u202f001", "90,000,001.00", "90.000.001,0", "90 000 001,000", "'90,000,001",
     '="90.000.001"', "90000001.000", "90000001,0"],
)  # fmt: skip
def test_groups_of_thousands_are_no_part_of_a_serial(text):
    assert identifier(text) == ("90000001", "")


@pytest.mark.parametrize(("text", "serial"), [("90,000.00", "90000"), ("1.234,0", "1234")])
def test_one_group_before_decimals_is_one_of_thousands(text, serial):
    assert identifier(text) == (serial, "")


@pytest.mark.parametrize(
    "text",
    ["1.234", "1,234", "1 234", "1.000", "90,00,001", "90,000.001", "90.000,001.002",
     "9000,001,002", "012 345 678", "192.168.1.10", "1.000.000.0", "A#12", "#12", "Smith, J",
     "O'Brien", "Err",
     "'s-Gravenhage", "90 000-001"],
)  # fmt: skip
def test_what_may_be_a_reference_stays_as_it_is(text):
    assert identifier(text) == (text, "")


@pytest.mark.parametrize(
    "text",
    ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ref!", "########", "#",
     " ## ", "#BEZUG!", "#WERT!", "#NV", "#\u00a1REF!", "Err:502", "'#REF!", '="#REF!"',
     "=A1", "=B2&C2"],
)  # fmt: skip
def test_the_error_of_a_formula_is_no_meter(text):
    assert identifier(text) == ("", "spreadsheet_error")


@pytest.mark.parametrize("text", ["9E+07", "9.00001E+11", "1.75125E+12", "9.00000015E+07"])
def test_a_rounded_serial_is_not_guessed(text):
    assert identifier(text) == ("", "rounded")


@pytest.mark.parametrize(
    "text", ["", "  ", "NaN", "null", None, "-", "--", "n/a", "NA", "nil", "'", '=""', "\u00a0"]
)
def test_no_serial_is_missing(text):
    assert identifier(text) == ("", "missing")


def test_text_references_stay_as_they_are():
    assert identifier("071/XX0000") == ("071/XX0000", "")
    assert identifier("0E12A") == ("0E12A", "")
    assert identifier("000") == ("0", "")
