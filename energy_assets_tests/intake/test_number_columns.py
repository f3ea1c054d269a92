"""Numbers by the rules of their whole file."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_assets.intake.cells.decimals import (
    NULL_TEXTS,
    NumberEvidence,
    NumberRules,
    mark_of,
    number_evidence,
    read_number,
    read_numbers,
)

POINT, COMMA = NumberRules(mark="."), NumberRules(mark=",")
NONE, CONTINENTAL = NumberRules(mark=None), NumberRules(mark=None, plain_points=False)
MIXED = NumberRules(mark=None, mixed=True, plain_points=False)


def evidence(*texts):
    found = number_evidence(pa.array(texts))
    return (found.point, found.comma, found.ambiguous_point, found.ambiguous_comma)


@pytest.mark.parametrize(
    "text",
    ["0.804", ".5", ".804", "12.5", "-12.50", "12.3456", "1234.567", "1,234.5", "1,234,567.891",
     "1 234.567", "1'234.5", "1\u202f234.125", "1,234,567", "1,23,456.7", "12,34,567.891",
     "1.234e3", " 0.5 ", "\u22120.5", "+7.25", "007.125"],
)  # fmt: skip
def test_a_number_that_only_a_decimal_point_explains_proves_it(text):
    assert evidence(text) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "text",
    ["0,804", ",5", ",804", "12,5", "-12,50", "12,3456", "1234,567", "1.234,5", "1.234.567,891",
     "1 234,567", "1'234,5", "1\u00a0234,125", "1.234.567", "1,234e3", " 0,5 ", "\u22120,5"],
)  # fmt: skip
def test_a_number_that_only_a_decimal_comma_explains_proves_it(text):
    assert evidence(text) == (0, 1, 0, 0)


@pytest.mark.parametrize("whole", ["1", "12", "999", "-45", " 7"])
def test_three_digits_behind_a_mark_may_be_thousands(whole):
    assert evidence(f"{whole}.234") == (0, 0, 1, 0)
    assert evidence(f"{whole},234") == (0, 0, 0, 1)


@pytest.mark.parametrize(
    "text", ["", "1234", "1 234", "1e3", "5.", "abc", "1.2.3", "1,23,4", "1.2,3.4", "2025-06-30",
             "12:30", "12.5 kWh", "1,23,456", None]
)  # fmt: skip
def test_a_text_without_a_readable_mark_shows_nothing(text):
    assert number_evidence(pa.array([text], pa.string())) == NumberEvidence()


def test_evidence_adds_up_over_columns_blocks_and_repeated_cells():
    texts = ["0.5", "0.5", "1,5", "1.234", "1.234", "1.234", "1,234", None, "7"]
    found = number_evidence(pa.array(texts))
    assert found == NumberEvidence(point=2, comma=1, ambiguous_point=3, ambiguous_comma=1)
    assert number_evidence(pa.array(texts).dictionary_encode()) == found
    assert number_evidence(pa.array(texts, pa.large_string())) == found
    halves = pa.chunked_array([texts[:4], texts[4:]])
    assert number_evidence(halves) == found
    total = number_evidence(halves) + number_evidence(pa.array(["0.1"]))
    assert (total.point, total.ambiguous_point) == (3, 3)
    assert number_evidence(pa.array([1.5, None])) == NumberEvidence()


@pytest.mark.parametrize(
    ("found", "continental", "rules"),
    [
        (NumberEvidence(point=1, ambiguous_comma=9), True, POINT),
        (NumberEvidence(comma=1, ambiguous_point=9), False, COMMA),
        (NumberEvidence(point=9_999, comma=1), False, MIXED),
        (NumberEvidence(ambiguous_point=9), False, NONE),
        (NumberEvidence(ambiguous_point=9), True, CONTINENTAL),
        (NumberEvidence(ambiguous_comma=9), False, CONTINENTAL),
        (NumberEvidence(ambiguous_point=9, ambiguous_comma=1), False, CONTINENTAL),
        (NumberEvidence(), False, NONE),
        (NumberEvidence(), True, CONTINENTAL),
    ],
)
def test_the_mark_of_a_file_is_what_all_of_its_cells_prove(found, continental, rules):
    assert mark_of(found, continental=continental) == rules


@pytest.mark.parametrize(
    ("text", "rules", "number"),
    [
        ("1.234", POINT, 1.234), ("1,234", POINT, 1234), ("0.804", POINT, 0.804),
        ("1,23,456.7", POINT, 123_456.7), ("12,34,567", POINT, 1_234_567), ("5.", POINT, 5),
        ("1 234.5", POINT, 1234.5), ("1'234", POINT, 1234), ("\u22122.5", POINT, -2.5),
        ("1\u202f234\u202f567", POINT, 1_234_567), ("1e3", POINT, 1000), ("+1.5E-1", POINT, 0.15),
        ("1,234", COMMA, 1.234), ("1.234", COMMA, 1234), ("1.234.567,5", COMMA, 1_234_567.5),
        ("0,804", COMMA, 0.804), (",5", COMMA, 0.5), ("1\u00a0234,5", COMMA, 1234.5),
        ("1e3", COMMA, 1000), ("\u22121,5e1", COMMA, -15), ("12", COMMA, 12), ("7,", COMMA, 7),
        ("12.345", NONE, 12.345), ("0,125", NONE, 0.125), ("1 234", NONE, 1234), ("7.", NONE, 7),
        ("1.5", CONTINENTAL, 1.5), ("1234", CONTINENTAL, 1234), ("1e3", CONTINENTAL, 1000),
        ("0,804", MIXED, 0.804), ("0.804", MIXED, 0.804), ("1.234,5", MIXED, 1234.5),
        ("1,234.5", MIXED, 1234.5), ("1.234.567", MIXED, 1_234_567), ("\ufeff8", MIXED, 8),
    ],
)  # fmt: skip
def test_numbers_by_the_rules_of_their_file(text, rules, number):
    assert read_number(text, rules) == (number, "")
    values, faults = read_numbers(pa.array([text, "7"]), rules)
    assert values.tolist() == [number, 7] and faults == {}


@pytest.mark.parametrize(
    ("text", "rules", "reason"),
    [
        ("0,804", POINT, "mixed_decimal_marks"), ("1,5", POINT, "mixed_decimal_marks"),
        ("1.234,5", POINT, "mixed_decimal_marks"), ("1.234.567", POINT, "mixed_decimal_marks"),
        ("0.804", COMMA, "mixed_decimal_marks"), ("12.5", COMMA, "mixed_decimal_marks"),
        ("1,23,456.7", COMMA, "mixed_decimal_marks"), ("1.5e3", COMMA, "mixed_decimal_marks"),
        ("1,234", NONE, "ambiguous_number"), ("12,345", CONTINENTAL, "ambiguous_number"),
        ("12.345", CONTINENTAL, "ambiguous_number"), ("1.200", MIXED, "ambiguous_number"),
        ("1,200", MIXED, "ambiguous_number"), ("-999.999", MIXED, "ambiguous_number"),
        ("NaN", POINT, "not_finite"), ("-inf", COMMA, "not_finite"), ("Infinity", MIXED,
        "not_finite"), ("1e999", POINT, "not_finite"), ("1e999", COMMA, "not_finite"),
        ("1,0e999", COMMA, "not_finite"), ("1e999", NONE, "not_finite"),
        ("(5)", POINT, "not_a_number"), ("5 kWh", POINT, "not_a_number"),
        ("€5", COMMA, "not_a_number"), ("5-", POINT, "not_a_number"), ("0x1F", POINT,
        "not_a_number"), ("1,23,45", POINT, "not_a_number"), ("1 23", POINT, "not_a_number"),
        ("0 804", POINT, "not_a_number"), ("1,23,456", COMMA, "not_a_number"),
        ("1,23,456", NONE, "not_a_number"), ("1.2.3", MIXED, "not_a_number"),
        ("#REF!", NONE, "not_a_number"), (".", POINT, "not_a_number"), ("١٢", POINT,
        "not_a_number"), ("1_000", POINT, "not_a_number"), ("1d", POINT, "not_a_number"),
        ("1,234,", POINT, "not_a_number"), ("--5", POINT, "not_a_number"),
    ],
)  # fmt: skip
def test_what_the_file_does_not_explain_is_refused_with_its_reason(text, rules, reason):
    number, found = read_number(text, rules)
    assert math.isnan(number) and found == reason
    for column in (pa.array([text, "7", None]), pa.array([text, "7", None]).dictionary_encode()):
        values, faults = read_numbers(column, rules)
        assert math.isnan(values[0]) and values[1] == 7 and faults == {0: reason}


@pytest.mark.parametrize("rules", [POINT, COMMA, NONE, MIXED])
@pytest.mark.parametrize("text", [*NULL_TEXTS, " - ", "NULL ", " n/a", "nil ", "\u00a0"])
def test_a_cell_that_has_no_value_is_no_fault(text, rules):
    values, faults = read_numbers(pa.array([text, "2"]), rules)
    assert math.isnan(values[0]) and values[1] == 2 and faults == {}


def test_a_number_of_a_comma_file_is_never_read_by_the_points_of_its_first_rows():
    column = pa.array([f"{i}.5" for i in range(600)] + ["0,804", "1,234"])
    values, faults = read_numbers(column, mark_of(number_evidence(column), continental=False))
    assert values[600] == 0.804 and faults == {601: "ambiguous_number"}
    assert values[:600].tolist() == [i + 0.5 for i in range(600)]


NUMBERS = st.floats(min_value=-1e7, max_value=1e7).map(lambda x: round(x, 3))


def written(number, style, decimals):
    text = f"{number:,.{decimals}f}" if style[0] else f"{number:.{decimals}f}"
    return text.translate(str.maketrans({",": style[0], ".": style[1]}))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(NUMBERS, min_size=1, max_size=30),
    st.sampled_from([("", "."), ("", ","), (",", "."), (".", ","), (" ", ","), ("'", ".")]),
    st.integers(0, 3),
    st.booleans(),
)
def test_no_file_of_one_style_is_read_as_another_number(numbers, style, decimals, continental):
    texts = [written(number, style, decimals) for number in numbers]
    column = pa.array(texts)
    values, faults = read_numbers(column, mark_of(number_evidence(column), continental=continental))
    # `1.234` for 1234 in a file without a single comma, `;` or dotted date cannot be known.
    unknowable = style[0] == "." and decimals == 0 and not continental
    for row, number in enumerate(numbers):
        if row in faults:
            assert math.isnan(values[row])
        elif not unknowable:
            assert values[row] == float(f"{number:.{decimals}f}")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text("0123456789.,-+eE '\u00a0", max_size=9), max_size=12),
    st.sampled_from([POINT, COMMA, NONE, CONTINENTAL, MIXED]),
)
def test_a_column_is_read_like_its_cells_one_by_one(texts, rules):
    values, faults = read_numbers(pa.array(texts, pa.string()), rules)
    for row, text in enumerate(texts):
        number, reason = (math.nan, "")
        if text.strip("\u00a0 ") not in NULL_TEXTS:
            number, reason = read_number(text, rules)
        assert faults.get(row, "") == reason
        assert np.array_equal(values[row], number, equal_nan=True)
