"""What the evaluator carries out, and that what it cannot do never goes missing."""

import pytest

from tools.catalogue.values import UNKNOWN, Record


def bound(make_wheel, text, **others):
    files = {"pkg/__init__.py": "", "pkg/main.py": text}
    files |= {f"pkg/{name}.py": other for name, other in others.items()}
    return make_wheel("pkg", files).module("pkg.main")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = {'a', 'b'} | {'c'}", {"a", "b", "c"}),
        ("x = {'a'}\nx.update(['b'])\nx |= {'c'}", {"a", "b", "c"}),
        ("x = ['a']\nx += {'b'}", ["a", "b"]),
        ("x = [n.upper() for n in ('a', 'b') if n != 'a']", ["B"]),
        ("x = {f'{a}{b}': b for a in 'pq' for b in (1, 2)}", {"p1": 1, "p2": 2, "q1": 1, "q2": 2}),
        ("def f(a, b=2, **rest):\n    return {'a': a, 'b': b, **rest}\nx = f(1, c=3)", {"a": 1, "b": 2, "c": 3}),
        ("x = {}\nfor n in range(2):\n    x[n] = n * 2", {0: 0, 1: 2}),
        ("x = 'yes' if 1 < 2 else 'no'", "yes"),
        ("x, y = (1, 2)", 1),
        ("x = set('XNLI')", {"XNLI"}),
        ("x = ('a' 'b')", "ab"),
    ],
)
def test_data_is_evaluated(make_wheel, text, expected):
    assert bound(make_wheel, text)["x"] == expected


def test_names_are_imported_from_siblings_only(make_wheel):
    text = "from .other import BASE as b\nfrom pkg.other import BASE\nimport torch\nx = b | BASE | {'c'}\ny = torch.inf"
    names = bound(make_wheel, text, other="BASE = {'a'}")
    assert names["x"] == {"a", "c"}
    assert names["y"] is UNKNOWN


def test_a_class_is_recorded_when_called_and_keeps_what_its_body_binds(make_wheel):
    names = bound(make_wheel, "class Meta:\n    size = 3\nx = Meta(name='m', size=Meta.size)")
    assert isinstance(names["x"], Record)
    assert (names["x"].name, names["x"].fields) == ("Meta", {"name": "m", "size": 3})


def test_a_copied_record_can_be_changed_without_changing_the_first(make_wheel):
    names = bound(make_wheel, "x = M(name='a')\ny = x.model_copy()\ny.name = 'b'\nz = x.name")
    assert names["z"] == "a"
    assert names["y"].fields == {"name": "b"}


@pytest.mark.parametrize(
    "text",
    [
        "x = ['a']\nx += load()",
        "x = ['a', *load().names]",
        "x = set()\nx.add(lambda: 1)",
        "x = [n for n in load()]",
        "x = {'a', load.name}",
    ],
)
def test_what_is_beyond_the_evaluator_shows(make_wheel, text):
    assert UNKNOWN in bound(make_wheel, text)["x"]


def test_a_function_with_other_statements_is_not_half_carried_out(make_wheel):
    text = "def f():\n    total = 0\n    while total < 3:\n        total += 1\n    return total\nx = f()"
    assert bound(make_wheel, text)["x"] is UNKNOWN
