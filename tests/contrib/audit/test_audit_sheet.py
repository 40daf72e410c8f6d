"""The sheet: written, saved by a spreadsheet in whatever way, and read back."""

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.contrib.audit.rates import DrawnSample, ItemClassification
from diptych.contrib.audit.sheet import (
    HEADER,
    Known,
    is_word,
    joined,
    judge,
    read_names,
    read_sheet,
    sheet_rows,
    written,
)
from diptych.errors import DataError
from diptych.renderers.data import csv_bytes

pytestmark = pytest.mark.slow

SAMPLE = (
    DrawnSample("datasets", "d1", ItemClassification(("a", "b"), ("A", "B"), "A by match (a)"), ("A", "B"), (10, 200)),
    DrawnSample("datasets", "=SUM(1)", ItemClassification((), (), ""), (None,), (3,)),
    DrawnSample("models", 'a "b",\nc', ItemClassification(("a;x",), ("A",), "A by match (a;x)"), ("A",), (7,)),
)
SHEET = csv_bytes(HEADER, sheet_rows(SAMPLE))


def test_the_sheet_as_it_is_written():
    assert SHEET.decode() == (
        "entity,id,labels,category,rule,correct,note,drawn_for,n_items\n"
        'datasets,d1,a; b,A; B,A by match (a),"","",A; B,10; 200\n'
        'datasets,\'=SUM(1),"",none,"","","",none,3\n'
        'models,"a ""b"",\nc",a;x,A,A by match (a;x),"","",A,7\n'
    )


def test_what_is_written_is_read():
    rows = read_sheet(SHEET, "s.csv")
    assert [(row.line, row.entity, row.id, row.category, row.correct, row.drawn_for, row.n_items) for row in rows] == [
        (2, "datasets", "d1", "A; B", "", "A; B", "10; 200"),
        (3, "datasets", "=SUM(1)", "none", "", "none", "3"),
        (4, "models", 'a "b",\nc', "A", "", "A", "7"),
    ]


def saved(content: bytes, *, delimiter=",", end="\n", encoding="utf-8", mark=b"", order=None, more=()):
    """Return a sheet as another program would save it."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    order = order or range(len(rows[0]))
    rows = [[row[place] for place in order] + [f"{name}{n}" for name in more] for n, row in enumerate(rows)]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return mark + out.getvalue().encode(encoding)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"mark": codecs.BOM_UTF8},
        {"delimiter": ";"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"end": "\r\n"},
        {"end": "\r\n", "delimiter": ";", "mark": codecs.BOM_UTF8},
        {"order": [8, 7, 6, 5, 4, 3, 2, 1, 0]},
        {"more": ["judge", "day"]},
    ],
    ids=str,
)
def test_it_is_read_as_spreadsheets_save_it(how):
    expected = [(row.entity, row.id, row.category, row.drawn_for, row.n_items) for row in read_sheet(SHEET, "s.csv")]
    rows = read_sheet(saved(SHEET, **how), "s.csv")
    assert [(row.entity, row.id, row.category, row.drawn_for, row.n_items) for row in rows] == expected


def test_empty_rows_and_short_rows_are_no_fault():
    content = b'\n\nentity,id,category,correct,drawn_for\n,,,,\n\nx,1,A,yes,A\n , \nx,2\n"x","3","A","","A"\n'
    rows = read_sheet(content, "s.csv")
    assert [(row.line, row.id, row.correct, row.drawn_for) for row in rows] == [
        (6, "1", "yes", "A"),
        (8, "2", "", ""),
        (9, "3", "", "A"),
    ]


def test_names_of_columns_may_change_their_case():
    (row,) = read_sheet(b" Entity ,ID,Category,CORRECT,drawn_for\nx,1,A,yes,A\n", "s.csv")
    assert (row.entity, row.correct) == ("x", "yes")


HEAD = b"entity,id,category,correct,drawn_for\n"


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (b"", ["s.csv: is empty; diptych audit -o writes a sheet"]),
        (b"\n \n", ["s.csv: is empty; diptych audit -o writes a sheet"]),
        (
            b"entity,id,categry,correct\nx,1,A,yes\n",
            [
                's.csv: has no column "category"; it has entity, id, categry, correct (did you mean "categry"?)',
                's.csv: has no column "drawn_for"; it has entity, id, categry, correct',
            ],
        ),
        (HEAD + b"x,1,A,yes\nx,\xff,A,yes\n", ["s.csv:3: is not UTF-8; save the sheet as CSV with the encoding UTF-8"]),
        (b"\xff\xfex", ["s.csv:1: is not UTF-16; save the sheet as CSV with the encoding UTF-8"]),
        (HEAD + b"x,\0,A,yes\n", ["s.csv: contains a NUL character: it is not a text file, or it is damaged"]),
        (
            HEAD + b"x,1,A,A,B,A\nx,2,A,yes,A\nx,3,A,B,C,D,E,F\n",
            [
                "s.csv:2: has 6 fields, the header has 5; put fields with commas in quotes",
                "s.csv:4: has 8 fields, the header has 5; put fields with commas in quotes",
            ],
        ),
        (HEAD + b'x,1,A,yes,A\nx,"2,A,yes,A\nx,3\n', ["s.csv:3: this row cannot be read: unexpected end of data"]),
        (HEAD + b'x,"1"2,A,yes,A\n', ["s.csv:2: this row cannot be read: ',' expected after '\"'"]),
    ],
)
def test_what_is_no_sheet_is_said(content, messages):
    with pytest.raises(DataError) as caught:
        read_sheet(content, "s.csv")
    assert list(caught.value.messages) == messages


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("A", ["A"], []),
        (" a ; b ", ["A", "b"], []),
        ("b, a, b", ["b", "A"], []),
        ("Arts,  Crafts", ["Arts, crafts"], []),
        ("arts, crafts; A", ["Arts, crafts", "A"], []),
        ('"None"', ["None"], []),
        ("None", [], ["None"]),
        ('"a;b"', ["a;b"], []),
        ("a;b", ["A", "b"], []),
        ('"say ""hi"""', ['say "hi"'], []),
        ("x, A; y", ["A"], ["x", "y"]),
        (";, ;", [], []),
        ("A\nb", [], ["A b"]),
        ('"', [], ['"']),
    ],
)
def test_names_of_categories(text, found, unknown):
    known = ["A", "b", "Arts, crafts", "None", "a;b", 'say "hi"']
    assert read_names(text, known) == (found, unknown)


def test_the_case_of_letters_counts_where_it_must():
    assert read_names("a; A", ["a", "A"]) == (["a", "A"], [])
    assert read_names("Ab", ["AB", "ab"]) == ([], ["Ab"])


@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda name: "\0" not in name), unique=True, max_size=4))
def test_any_names_are_read_as_they_were_written(names):
    text = joined(names)
    if not names:
        assert is_word(text, "none")
        return
    # line breaks and other white space within a cell are one space to a person, and so they are to us
    plain = [name for name in names if " ".join(name.split()) == name]
    if len(plain) == len(names):
        assert read_names(text, names) == (names, [])
    else:
        read_names(text, names)


@given(st.text(max_size=12))
def test_a_written_name_is_no_word_of_ours(name):
    assert not any(is_word(written(name), word) for word in ("yes", "no", "none"))


KNOWN = {"datasets": Known(("A", "B"), {"d1": ItemClassification((), ("A",), "")})}


def no_traceback(content: bytes):
    messages = None
    try:
        judge(read_sheet(content, "s.csv"), KNOWN, "s.csv")
    except DataError as error:
        messages = error.messages
    assert messages is None or (messages and all(messages))


@given(st.binary(max_size=200))
def test_no_bytes_are_our_fault(content):
    no_traceback(content)


@given(st.binary(max_size=80), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_no_bytes_after_a_header_are_our_fault(content, encoding):
    no_traceback("entity,id,category,correct,drawn_for\ndatasets,d1,A,yes,A\n".encode(encoding) + content)


@given(
    st.lists(
        st.lists(
            st.sampled_from(["datasets", "d1", "A", "B", "none", "yes", ";", '"', "'", "", "\n", "x"]), max_size=7
        ),
        max_size=6,
    )
)
def test_no_rows_are_our_fault(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["entity", "id", "category", "correct", "drawn_for"], *rows])
    no_traceback(out.getvalue().encode())
