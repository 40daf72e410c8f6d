"""Header rows, titles, repeated names, encodings and damaged bytes, as survey services and spreadsheets write them.

All tables are invented; their shapes are those of real exports.
"""

import pytest

from diptych.contrib.choose.sniffing import sniffed
from diptych.errors import DataError
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.duckdb import DuckDBEngine
from diptych.sources.files import open_table
from diptych.sources.text import likely_encoding

TWO = "ID,Age,Which do you use?,,,Comments,Comments\n,Response,Tea,Coffee,Other,Response,\n1,20,Tea,,,,\n2,30,,Coffee,,,x\n"
THREE = (
    "StartDate,Q1,Q2\nStart Date,How old are you?,Which of these do you drink most?\n"
    '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n2021-01-01,20,Tea\n2021-01-02,30,Tea\n'
)


def read(tmp_path, content, **options):
    """Return the columns and the rows of a file."""
    (tmp_path / "x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    source = SourceSettings.model_validate({"path": "x.csv", **options})
    with DuckDBEngine(EngineSettings()) as engine:
        table = open_table(source, tmp_path, engine, where_declared="r.source")
        values = engine.columns(table.frame)
    return table.columns, list(zip(*values.values(), strict=True))


def seen(tmp_path, content, encoding="utf-8", name="x.csv"):
    """Return how a file seems to be written, and its columns when it is read so."""
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    source = sniffed(tmp_path / name, name)
    with DuckDBEngine(EngineSettings()) as engine:
        table = open_table(source, tmp_path, engine, where_declared="r.source")
        n_rows = engine.count(table.frame)
    return source.model_dump(exclude_defaults=True, exclude={"path", "null"}), table.columns, n_rows


def test_two_header_rows_are_joined_and_repeated_names_numbered(tmp_path):
    assert read(tmp_path, TWO, header=2) == (
        (
            "ID",
            "Age",
            "Which do you use?: Tea",
            "Which do you use?: Coffee",
            "Which do you use?: Other",
            "Comments (1)",
            "Comments (2)",
        ),
        [("1", "20", "Tea", None, None, None, None), ("2", "30", None, "Coffee", None, None, "x")],
    )


def test_import_codes_are_left_out_and_a_name_that_says_the_same_is_not_repeated(tmp_path):
    columns, rows = read(tmp_path, THREE, header=3)
    assert columns == ("StartDate", "Q1: How old are you?", "Q2: Which of these do you drink most?")
    assert rows == [("2021-01-01", "20", "Tea"), ("2021-01-02", "30", "Tea")]


def test_a_file_without_a_header(tmp_path):
    assert read(tmp_path, "a,1\nb,2\n", header=0) == (("column 1", "column 2"), [("a", "1"), ("b", "2")])


def test_repeated_and_empty_names_are_numbered_where_one_row_is_declared(tmp_path):
    columns, _ = read(tmp_path, "id,l,,L\n1,2,3,4\n", header=1)
    assert columns == ("id", "l (1)", "column 3", "L (2)")


def test_lines_before_the_header_are_skipped_whatever_quotes_they_have(tmp_path):
    text = 'The "big" survey\n\nid,l\n1,"a\nb"\n'
    assert read(tmp_path, text, skip=2) == (("id", "l"), [("1", "a\nb")])


def test_columns_are_renamed_in_every_format(tmp_path):
    assert read(tmp_path, "id,How old are you?\n1,20\n", rename={"How old are you?": "age"})[0] == ("id", "age")
    (tmp_path / "x.jsonl").write_text('{"id": 1, "How old are you?": 20}\n')
    source = SourceSettings.model_validate({"path": "x.jsonl", "rename": {"How old are you?": "age"}})
    with DuckDBEngine(EngineSettings()) as engine:
        table = open_table(source, tmp_path, engine, where_declared="r.source")
        assert engine.columns(table.frame)["age"] == [20]


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        ({"agee": "x"}, 'r.source: x.csv has no column "agee" to rename; it has id, age (did you mean "age"?)'),
        ({"age": "ID"}, "r.source: x.csv has several columns called ID after rename; give each its own name"),
    ],
)
def test_names_that_cannot_be_given(tmp_path, rename, said):
    with pytest.raises(DataError) as caught:
        read(tmp_path, "id,age\n1,20\n", rename=rename)
    assert caught.value.messages == (said,)


def test_a_row_that_is_too_short_is_found_below_two_header_rows(tmp_path):
    with pytest.raises(DataError, match="row 4 has 1"):
        read(tmp_path, "a,b\nc,d\n1,2\n3\n", header=2)


def test_damaged_bytes_are_replaced_where_the_config_says_so(tmp_path):
    damaged = "id,l\n1,café\n2,naïve\n".encode().replace("naïve".encode(), b"na\xefve")
    assert read(tmp_path, damaged, bad_bytes="replace")[1] == [("1", "café"), ("2", "na\ufffdve")]
    with pytest.raises(
        DataError, match=r"to replace 1 damaged bytes?, write source: \{path: x.csv, bad_bytes: replace\}"
    ):
        read(tmp_path, damaged)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("Préférence,Âge\nÉté,vingt-cinq\nNoël,été\n", "mac-roman", "mac-roman"),
        ("Préférence,Âge\nÉté,vingt-cinq\nNoël,été\n", "windows-1252", "latin-1"),
        ("Größe;Preis in €\nübergroß;10\nklein – neu;20\n", "windows-1252", "windows-1252"),
        ("Größe;Preis\nübergroß;10\n", "mac-roman", "mac-roman"),
        ("Año,Sí\nmañana,canción\n", "latin-1", "latin-1"),
        ("Año,Sí\nmañana,canción\n", "utf-8", "utf-8"),
        ("Område,Køn\nFærøerne,Mænd\nØstjylland,Kvinder\n", "windows-1252", "latin-1"),
    ],
)
def test_the_encoding_in_which_words_are_words(tmp_path, text, encoding, found):
    (tmp_path / "x.csv").write_bytes(text.encode(encoding))
    assert likely_encoding(tmp_path / "x.csv").encoding == found


NO_HEADER = "".join(f"{a},{b},{n}\n" for n, (a, b) in enumerate([("yes", "m"), ("no", "f"), ("yes", "f")] * 4))
BODY = "".join(f"{n},{'a' if n % 2 else 'b'},{'x' if n % 3 else 'y'}\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "found", "columns", "n_rows"),
    [
        ("id,l,m\n" + BODY, {}, ("id", "l", "m"), 9),
        (TWO, {"header": 2}, None, 2),
        (THREE, {"header": 3}, None, 2),
        ("id,Q1,Q2\nResponse ID,Do you smoke?,What is your age?\n" + BODY, {"header": 2}, None, 9),
        (NO_HEADER, {"header": 0}, ("column 1", "column 2", "column 3"), 12),
        ("Survey of 2024\n\nid,l,m\n" + BODY, {"skip": 2}, ("id", "l", "m"), 9),
        ("Survey of 2024,,\nid,l,m\n" + BODY, {"skip": 1}, ("id", "l", "m"), 9),
        ("id,l,l\n" + BODY, {"header": 1}, ("id", "l (1)", "l (2)"), 9),
        ("id,,l\n" + BODY, {"header": 1}, ("id", "column 2", "l"), 9),
        (",l,m\n" + BODY, {}, ("(unnamed)", "l", "m"), 9),
        ("\ufeffid;l;m\n" + BODY.replace(",", ";"), {"delimiter": ";"}, ("id", "l", "m"), 9),
        (",2001,2002\na,1,2\nb,2,1\nc,1,1\na,2,2\n", {}, ("(unnamed)", "2001", "2002"), 4),
    ],
)
def test_what_a_file_seems_to_be(tmp_path, text, found, columns, n_rows):
    said, names, n = seen(tmp_path, text)
    assert (said, n) == (found, n_rows)
    assert columns is None or names == columns


@pytest.mark.parametrize(("inside", "end"), [("\r\n", "\n"), ("\n", "\r\n"), ("\n", "\n")])
def test_below_titles_line_ends_in_quoted_texts_are_no_ends_of_rows(inside, end, tmp_path):
    text = f'one{inside}two, or "" three'
    content = end.join(["Fires", ",,", "Name,Text,Year", f'A,"{text}",2013', "B,x,2014", ""])
    expected = [("A", text.replace('""', '"'), "2013"), ("B", "x", "2014")]
    assert read(tmp_path, content, skip=2) == (("Name", "Text", "Year"), expected)


def test_line_ends_in_quoted_texts_may_differ_from_those_of_rows(tmp_path):
    content = 'Name,Text\nA,"one\r\ntwo, or three"\nB,x\n'
    assert read(tmp_path, content) == (("Name", "Text"), [("A", "one\r\ntwo, or three"), ("B", "x")])


def test_rows_that_end_in_two_ways_are_refused(tmp_path):
    with pytest.raises(DataError, match="ends some lines in CRLF and others in LF"):
        read(tmp_path, 'Name,Text\nA,"one\r\ntwo, or three"\r\nB,x\n')


@pytest.mark.parametrize("inside", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_in_a_quoted_name_of_a_column_may_differ_from_those_of_rows(inside, end, tmp_path):
    content = end.join([f'Name,"Which{inside}of these?"', 'A,"x\ny"', "B,z", ""])
    assert read(tmp_path, content) == (("Name", f"Which{inside}of these?"), [("A", "x\ny"), ("B", "z")])
