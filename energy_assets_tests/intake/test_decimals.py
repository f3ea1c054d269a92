import math

import pyarrow as pa
import pytest

from energy_assets.intake.cells.decimals import NumberRules, read_number, read_numbers


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1.5", ".", 1.5), (" 1.5 ", None, 1.5), ("-2", None, -2), ("+3.", ".", 3),
        (".5", ".", 0.5), ("1.75E+3", ".", 1750),
        ("1,5", ",", 1.5), ("1.234,56", ",", 1234.56),
        ("1,234.56", ".", 1234.56), ("1.234.567,8", None, 1234567.8), ("1,234,567", ".", 1234567),
        ("1,234", ".", 1234), ("1.234", ",", 1234), ("1 234,5", ",", 1234.5),
        ("31245,123", None, 31245.123),
        ("0,125", None, 0.125),
    ],
)  # fmt: skip
def test_numbers_by_decimal_mark(text, mark, number):
    assert read_number(text, NumberRules(mark=mark)) == (number, "")


@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [("1,234", None, "ambiguous_number"), ("abc", ".", "not_a_number"),
     ("1,23", ".", "mixed_decimal_marks"),
     ("1.23", ",", "mixed_decimal_marks"), ("NaN", ".", "not_finite"),
     ("-Infinity", None, "not_finite"),
     ("1e999", ".", "not_finite"), ("12,34,56", ".", "not_a_number"),
     ("0x10", ".", "not_a_number"),
     ("10 0.5", ".", "not_a_number"), ("1 5", None, "not_a_number")],
)  # fmt: skip
def test_what_is_no_number_has_a_reason(text, mark, reason):
    number, found = read_number(text, NumberRules(mark=mark))
    assert math.isnan(number) and found == reason


def test_a_column_keeps_its_nulls_and_names_its_faulty_rows():
    values, faults = read_numbers(pa.array(["1,5", None, "", "x", "2,0"]), NumberRules(mark=","))
    assert (
        values[0] == 1.5 and values[4] == 2 and [math.isnan(v) for v in values[1:4]] == [True] * 3
    )
    assert faults == {3: "not_a_number"}
