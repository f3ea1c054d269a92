"""What a meter file is, told from its first bytes, and its plain bytes in bounded memory.

A name says little: portals call text `.xls`. Tables are read in `csv_blocks`, `workbooks`, `espi`.
"""

import codecs
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Literal

from energy_assets.intake.errors import (
    DamagedFileError,
    DecompressionLimitError,
    EmptyFileError,
    NotASpreadsheetError,
)
from energy_assets.intake.readers.espi_feed import is_espi

FileFormat = Literal["text", "gzip", "xlsx", "xls", "espi"]
"""How the bytes of a file are to be read."""

OpenBytes = Callable[[], Iterator[bytes]]
"""Opens a file from its start, as blocks of bytes."""

MAX_RATIO: Final = 500
"""Meter files shrink 5 to 50 times; more than this is a bomb, once it is no longer small."""

FREE_BYTES: Final = 64 << 20
"""Unpacked size up to which the ratio does not matter."""

MAX_TEXT_BYTES: Final = 64 << 30
"""Largest unpacked text."""

_SPREADSHEET_ENDINGS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb")

_BINARY_SIGNATURES: Final = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PAR1",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
"""How images, Parquet files and archives begin, which are sometimes named .csv by mistake."""


def format_of(object_key: str, first: bytes) -> FileFormat:
    """What the file is.

    Args:
        object_key: Its name.
        first: Its first block.

    Raises:
        EmptyFileError: There is no byte.
        NotASpreadsheetError: It is neither text nor a workbook nor a Green Button document.
    """
    if not first.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise EmptyFileError(object_key)
    if first.startswith(b"\x1f\x8b"):
        return "gzip"
    if first.startswith(b"PK"):
        return "xlsx"
    if first.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if object_key.lower().endswith(_SPREADSHEET_ENDINGS):
        raise NotASpreadsheetError(object_key, "the name is a workbook's, the content is not")
    head = first[:65_536]
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    header_line = head.lstrip().partition(b"\n")[0]
    if head.startswith(_BINARY_SIGNATURES) or (not is_utf16 and b"\x00" in header_line):
        raise NotASpreadsheetError(object_key, "the content is binary")
    if is_espi(head):
        return "espi"
    if head.lstrip()[:1] in (b"<", b"{", b"%"):
        raise NotASpreadsheetError(object_key, f"it begins with {head.lstrip()[:20]!r}")
    return "text"


def unpacked(open_bytes: OpenBytes, *, object_key: str) -> OpenBytes:
    """The opener of a gzip file's content, with a limit on how far it may grow.

    Raises, while reading:
        DamagedFileError: The file is broken or ends early.
        DecompressionLimitError: It grows beyond what a meter file can.
    """

    def blocks() -> Iterator[bytes]:
        packed = plain = 0
        unzip = zlib.decompressobj(wbits=31)
        for block in open_bytes():
            packed += len(block)
            rest = block
            while rest:
                if unzip.eof:
                    if not rest.strip(b"\x00"):
                        break
                    unzip = zlib.decompressobj(wbits=31)
                try:
                    out = unzip.decompress(rest, 8 << 20)
                except zlib.error as error:
                    raise DamagedFileError(object_key, str(error)) from error
                rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
                plain += len(out)
                _limit(object_key, packed, plain)
                if out:
                    yield out
        if not unzip.eof:
            raise DamagedFileError(object_key, "the compressed data ends early")

    return blocks


def _limit(object_key: str, packed: int, plain: int) -> None:
    if plain > MAX_TEXT_BYTES:
        raise DecompressionLimitError(object_key, f"more than {MAX_TEXT_BYTES >> 30} GiB of text")
    if plain > FREE_BYTES and plain > MAX_RATIO * packed:
        facts = f"{plain >> 20} MiB came out of {packed:,} bytes"
        raise DecompressionLimitError(object_key, facts)


def as_utf8(open_bytes: OpenBytes) -> OpenBytes:
    """The opener of a text without byte-order mark, where UTF-16 has become UTF-8."""

    def blocks() -> Iterator[bytes]:
        stream = open_bytes()
        first = next(stream, b"")
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
            yield decoder.decode(first).encode("utf-8", "replace")
            for block in stream:
                yield decoder.decode(block).encode("utf-8", "replace")
            return
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from stream

    return blocks
