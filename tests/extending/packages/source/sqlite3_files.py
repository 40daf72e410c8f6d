"""Tables of SQLite files, named by `sheet:`."""

import sqlite3
from contextlib import closing

from diptych.extend import DataError, FileFormat, of_rows


def _read(path, name, source, limits):
    """Return the columns and rows of the table that `sheet:` names."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        if source.sheet not in tables:
            raise DataError(f"{name} has no table {source.sheet}; sheet: takes one of {', '.join(tables)}")
        found = connection.execute(f'select * from "{source.sheet}" limit {limits.rows + 1}')  # noqa: S608 - one of the names above
        columns = tuple(column[0] for column in found.description)
        return columns, [["" if value is None else str(value) for value in row] for row in found]


SQLITE3 = FileFormat("sqlite3", of_rows(_read))
