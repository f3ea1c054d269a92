"""Answers of InfluxDB, written down by hand: what is data is read, and what is none is refused."""

import re
from typing import Any

import pytest

from resources import flux_answers
from resources.flux_answers import points_of
from resources.influx_errors import AnswerCutError, FluxAnswerError

TWO_SERIES = """\
#datatype,string,long,string,dateTime:RFC3339,double,long
#group,false,false,true,false,false,false
#default,_result,,,,,
,result,table,meter_id,_time,consumption,known_at
,,0,a,2026-03-01T00:00:00Z,1.5,1772323200000
,,0,a,2026-03-01T01:00:00.25Z,,1772323200000
,,1,"b ""x"", y",2026-03-01T00:00:00Z,-0.000001,

#datatype,string,long,string,dateTime:RFC3339Nano,boolean,string
#group,false,false,true,false,false,false
#default,_result,,,,,
,result,table,meter_id,_time,is_point,file_id
,,2,c,1900-01-01T00:00:00.001Z,true,"a
#datatype,b"

"""

WANTED = {"meter_id", "_time", "consumption", "is_point", "file_id"}


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def rows(answer: bytes, size: int = 10_000) -> list[dict[str, Any]]:
    """All rows of an answer that arrives in pieces of that size."""
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
    return [row for table in points_of(pieces, wanted=WANTED) for row in table.to_pylist()]


@pytest.mark.parametrize("piece_bytes", [1, 60, 1 << 20])
@pytest.mark.parametrize("line_ends", [crlf, str.encode])
def test_series_with_different_fields_are_read_block_by_block(
    monkeypatch: pytest.MonkeyPatch, piece_bytes: int, line_ends: Any
):
    monkeypatch.setattr(flux_answers, "PIECE_BYTES", piece_bytes)
    for size in (1, 7, 64, 10_000):
        found = rows(line_ends(TWO_SERIES), size)
        texts = [(row["meter_id"], row["_time"].isoformat()) for row in found]
        assert texts == [
            ("a", "2026-03-01T00:00:00+00:00"),
            ("a", "2026-03-01T01:00:00.250000+00:00"),
            ('b "x", y', "2026-03-01T00:00:00+00:00"),
            ("c", "1900-01-01T00:00:00.001000+00:00"),
        ]
        assert [row["consumption"] for row in found[:3]] == [1.5, None, -1e-6]
        assert "known_at" not in found[0]
        assert found[3]["is_point"] is True
        assert found[3]["file_id"].replace("\r\n", "\n") == "a\n#datatype,b"


def test_a_cell_that_is_empty_takes_the_default_of_its_column():
    answer = (
        b"#datatype,string,long,string,dateTime:RFC3339,double\r\n#group,false,false,true,false,"
        b"false\r\n#default,_result,,b,,2.5\r\n,result,table,meter_id,_time,consumption\r\n"
        b",,0,,2026-03-01T00:00:00Z,\r\n,,0,c,2026-03-01T00:00:00Z,1\r\n\r\n"
    )
    assert [(row["meter_id"], row["consumption"]) for row in rows(answer)] == [
        ("b", 2.5),
        ("c", 1.0),
    ]


@pytest.mark.parametrize("answer", [b"\r\n", b"\n"])
def test_an_answer_without_rows_is_no_data(answer: bytes):
    assert rows(answer) == []


def test_an_answer_of_heads_alone_is_no_data():
    assert rows(crlf(re.sub(r"\n,,.*?\n\n", "\n\n", TWO_SERIES, flags=re.DOTALL))) == []


ERRORS = {
    "instead of data": "error,reference\nfailed to initialise,897\n",
    "with annotations": (
        "#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,"
        "failed to initialise,897\n"
    ),
    "after data": TWO_SERIES + "error,reference\nfailed to initialise,\n",
    "after data, annotated": TWO_SERIES
    + "#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,"
    + '"failed to initialise",897\n\n',
}


@pytest.mark.parametrize("answer", ERRORS.values(), ids=ERRORS.keys())
def test_an_error_inside_of_an_answer_is_an_error(answer: str):
    with pytest.raises(FluxAnswerError, match="failed to initialise"):
        rows(crlf(answer))
    with pytest.raises(FluxAnswerError, match="failed to initialise"):
        rows(answer.encode(), size=11)


def test_an_answer_that_is_cut_anywhere_is_never_taken_for_the_whole():
    whole = crlf(TWO_SERIES)
    ends = {len(whole), whole.index(b"\r\n\r\n") + 4}
    for length in range(len(whole)):
        if length in ends:
            continue  # after a block's blank line; the transfer's own framing has to tell
        with pytest.raises(AnswerCutError):
            rows(whole[:length])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html><body>Welcome to the hotel's wireless network</body></html>\n\n",
        b'{"code": "internal error"}\n\n',
        b"meter_id,_time,consumption\r\na,2026-03-01T00:00:00Z,1\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        crlf(TWO_SERIES.replace(",1.5,", ",one and a half,")),
        crlf(TWO_SERIES.replace("2026-03-01T00:00:00Z,1.5", "yesterday,1.5")),
        crlf(TWO_SERIES.replace(",1.5,", ",1.5,2.5,")),
        crlf(TWO_SERIES.replace(",double,", ",quadruple,")),
        crlf(TWO_SERIES.replace("#datatype,string,long,", "#datatype,string,")),
        crlf(re.sub("#datatype.*\n", "", TWO_SERIES)),
    ],
)
def test_what_is_no_annotated_csv_is_never_taken_for_data(answer: bytes):
    with pytest.raises(AnswerCutError):
        rows(answer)
