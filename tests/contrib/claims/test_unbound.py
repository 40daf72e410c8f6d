"""What authored text says with nothing behind it, and how much of it is bound."""

import pytest

from diptych.contrib.claims.parsing import unbound
from diptych.contrib.claims.verdicts import JudgedClaims, Unbound, Verdict
from tests.contrib.claims.small import parsed

NAMES = ("NLP", "CV", "Time Series", "Web 2")


def found(source):
    return [(of.line, of.column, of.sort, of.text) for of in unbound(parsed(source), NAMES)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("It has 12 of them.", [(1, 8, "number", "12")]),
        ("About 3.5 %, or 1,200.", [(1, 7, "number", "3.5 %"), (1, 17, "number", "1,200")]),
        ("In NLP there are 40.", [(1, 18, "category with number", "40")]),
        ("In NLP it is so. There are 40.", [(1, 28, "number", "40")]),
        ("Three of four", [(1, 1, "number", "Three"), (1, 10, "number", "four")]),
        ("Half of Time Series data", [(1, 1, "category with number", "Half")]),
        ("The most common, always", [(1, 5, "superlative", "most"), (1, 18, "superlative", "always")]),
        ("ImageNet-1k, GPT2, v3.1 and Web 2 are names", []),
        ("1. An item\n2. Another, with 5", [(2, 18, "number", "5")]),
        ("[a](https://example.org/2024) <https://example.org/3>", []),
        ("a\nb 7\n\nc 8", [(2, 3, "number", "7"), (4, 3, "number", "8")]),
        ('{{ left["N","N"] }} of 9', [(1, 24, "number", "9")]),
        ('{% claim left["N","N"] > 0.5 %}most of 9{% endclaim %} x 9', [(1, 58, "number", "9")]),
        ('{% claim left["N","N"] > 0.5 %}a 1{% otherwise %}b 2{% endclaim %}', []),
        ("{# 12 #}nothing", []),
        ("", []),
    ],
)
def test_what_is_unbound(source, expected):
    assert found(source) == expected


def test_many_numbers_take_no_time():
    assert len(found("NLP 1 2. " * 9000)) == 18000


def test_coverage_counts_values_claims_and_what_is_unbound():
    claims = tuple(Verdict("claim", "f", 1, 1, "p", holds=True) for _ in range(2))
    loose = tuple(Unbound("f", 1, n, "number", "1") for n in range(2))
    assert JudgedClaims(claims, loose, n_values=4).coverage == 0.75
    assert JudgedClaims(claims).coverage == 1
    assert JudgedClaims().coverage is None
