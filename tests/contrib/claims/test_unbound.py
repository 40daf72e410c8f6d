"""Numbers and superlatives of authored text with nothing behind them."""

import pytest

from diptych.contrib.claims.parsing import unbound
from tests.contrib.claims.small import parsed

NAMES = ("NLP", "CV", "Time Series", "Web 2")


def found(source):
    notes = (note.message.split(":", 3) for note in unbound(parsed(source), NAMES))
    return [(int(line), int(column), text.split('"')[1]) for _, line, column, text in notes]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("It has 12 of them.", [(1, 8, "12")]),
        ("About 3.5 %, or 1,200.", [(1, 7, "3.5 %"), (1, 17, "1,200")]),
        ("In NLP there are 40.", [(1, 18, "40")]),
        ("In NLP it is so. There are 40.", [(1, 28, "40")]),
        ("Three of four", [(1, 1, "Three"), (1, 10, "four")]),
        ("Half of Time Series data", [(1, 1, "Half")]),
        ("The most common, always", [(1, 5, "most"), (1, 18, "always")]),
        ("ImageNet-1k, GPT2, v3.1 and Web 2 are names", []),
        ("1. An item\n2. Another, with 5", [(2, 18, "5")]),
        ("[a](https://example.org/2024) <https://example.org/3>", []),
        ("a\nb 7\n\nc 8", [(2, 3, "7"), (4, 3, "8")]),
        ('{{ left["N","N"] }} of 9', [(1, 24, "9")]),
        ('{% claim left["N","N"] > 0.5 %}most of 9{% endclaim %} x 9', [(1, 58, "9")]),
        ('{% claim left["N","N"] > 0.5 %}a 1{% otherwise %}b 2{% endclaim %}', []),
        ("{# 12 #}nothing", []),
        ("", []),
    ],
)
def test_what_is_unbound(source, expected):
    assert found(source) == expected


def test_many_numbers_take_no_time():
    assert len(found("NLP 1 2. " * 9000)) == 18000
