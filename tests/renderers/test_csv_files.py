import csv
import io
import math

import pytest

from diptych.renderers.data import csv_bytes, panel_csv
from tests.renderers.documents import NASTY, small

# What has to be taken away to have the label again: one apostrophe before a text that would run.
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''-x"]


def read(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_texts_survive():
    texts = ["plain", "a,b", 'say "so"', "two\nlines", "carriage\rreturn", " space ", "数据", NASTY, "", "'quoted'"]
    assert read(csv_bytes(["text", "n"], [[text, 1] for text in texts])) == [
        ["text", "n"],
        *([text, "1"] for text in texts),
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_do_not_run_and_can_be_restored(text):
    [(field,)] = read(csv_bytes(["text"], [[text]]))[1:]
    assert field == f"'{text}"


def test_numbers_have_twelve_digits_and_undefined_is_empty():
    """The last bits of a sum differ from one release of a numerical library to the next; whole numbers are exact."""
    row = [0.1 + 0.2, 1 / 3, 12.0, -0.25, 0, 1e300, 2.0**53 - 1, None, math.nan, math.inf, True]
    header = [f"c{i}" for i in range(len(row))]
    assert csv_bytes(header, [row]).splitlines()[1] == b"0.3,0.333333333333,12,-0.25,0,1e+300,9007199254740991,,,,true"


def test_panel_counts_and_columns():
    rows = read(panel_csv(small().figure("main").panels[0]))
    assert ",".join(rows[0]) == (
        "given,outcome,n_joint,n_given,n_outcome,n_units,value,low,high,baseline,lift,lift_within_strata,"
        "odds_within_strata,q_value,state"
    )
    # Left: 3 of 4 and 1 of 4 models; every model 3 of 6, so expected 2 of 4 and lift 1.5 and 0.5.
    assert [row[:7] + row[9:] for row in rows[1:3]] == [
        ["NLP", "NLP", "3", "4", "3", "6", "0.75", "0.5", "1.5", "", "", "0.01", "measured"],
        ["NLP", "CV", "1", "4", "3", "6", "0.25", "0.5", "0.5", "", "", "0.01", "measured"],
    ]
