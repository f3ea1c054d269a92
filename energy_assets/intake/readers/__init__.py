"""Bytes to blocks of columns: delimited text and workbooks."""
