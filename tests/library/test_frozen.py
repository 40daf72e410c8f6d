"""Classes of `diptych.frozen` behave as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

import pytest

from diptych.frozen import dataclass


def _classes(decorator: Callable[..., Any]) -> dict[str, Any]:
    """Return the same classes, built by a decorator."""

    @decorator(frozen=True)
    class Plain:
        """Fields of every kind."""

        kind: ClassVar[str] = "plain"
        a: int
        b: str = "b"
        c: list[int] = dataclasses.field(default_factory=list, compare=False)
        d: int = dataclasses.field(default=4, init=False)
        e: tuple[int, ...] = dataclasses.field(default=(), repr=False)

        @cached_property
        def twice(self) -> int:
            return 2 * self.a

    @decorator(frozen=True, slots=True)
    class Slots:
        """Fields in slots."""

        a: int
        b: float = float("nan")

    @decorator(frozen=True, slots=True)
    class Single:
        """One field."""

        a: object

    @decorator(frozen=True, kw_only=True, eq=False)
    class Named:
        """Fields by name, compared by identity."""

        b: int = 2
        a: int

    @decorator(frozen=True)
    class Parent:
        """Defines its own text."""

        a: int

        def __repr__(self) -> str:
            return "own"

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError("negative")

    @decorator(frozen=True, kw_only=True)
    class Child(Parent):
        """Adds a field."""

        b: int = 0

    class Heir(Parent):
        """Is no dataclass itself."""

    found = locals()
    return {name: one for name, one in found.items() if isinstance(one, type)}


OURS, THEIRS = _classes(dataclass), _classes(dataclasses.dataclass)
ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "Plain": ((1,), {"e": (5,)}),
    "Slots": ((1,), {"b": 0.5}),
    "Single": ((None,), {}),
    "Named": ((), {"a": 1}),
    "Parent": ((1,), {}),
    "Child": ((1,), {"b": 2}),
    "Heir": ((1,), {}),
}


def _outcome(call: Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - any error is compared
        return type(error), str(error)


def _observed(classes: dict[str, Any], name: str) -> dict[str, object]:
    made, (arguments, named) = classes[name], ARGUMENTS[name]
    one, same, other = made(*arguments, **named), made(*arguments, **named), copy.copy(made(*arguments, **named))
    object.__setattr__(other, "a", 9)
    return {
        "text": repr(one),
        "fields": [(field.name, getattr(one, field.name)) for field in dataclasses.fields(one)],
        "equal": (one == same, one == other, one == (1,), one != same),
        "hash": (hash(one) == hash(same)),
        "replaced": repr(dataclasses.replace(one, a=3)),
        "dict": dataclasses.asdict(one),
        "pattern": made.__match_args__,
        "slots": hasattr(one, "__dict__"),
        "set": _outcome(lambda: setattr(one, "a", 2)),
        "delete": _outcome(lambda: delattr(one, "a")),
        "too many": _outcome(lambda: made(*range(9)))[0],  # type: ignore[index]
        "missing": _outcome(made),
        "copied": copy.deepcopy(one) == one,
    }


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_frozen_class_behaves_as_one_of_the_standard_library(name: str) -> None:
    assert _observed(OURS, name) == _observed(THEIRS, name)


def test_one_field_that_is_not_equal_to_itself_is_compared_as_in_the_standard_library() -> None:
    nan = float("nan")
    for classes in (OURS, THEIRS):
        assert classes["Single"](nan) == classes["Single"](nan)
        assert classes["Single"](nan) != classes["Single"](float("nan"))


def test_methods_of_the_class_and_of_a_parent_are_kept() -> None:
    with pytest.raises(ValueError, match="negative"):
        OURS["Child"](-1)
    plain = OURS["Plain"](2)
    assert plain.twice == 4
    assert plain.twice == plain.__dict__["twice"]


def test_defaults_are_made_anew_for_each_record() -> None:
    first, second = OURS["Plain"](1), OURS["Plain"](1)
    assert first.c is not second.c


@dataclass(frozen=True, slots=True)
class Kept:
    """Can be pickled, as the cache does."""

    a: int
    b: str = "b"


def test_a_record_in_slots_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(1, "c"))) == Kept(1, "c")  # noqa: S301 - from this test


def test_a_frozen_class_of_the_standard_library_can_be_derived_and_a_mutable_one_cannot() -> None:
    child: Any = dataclasses.dataclass(frozen=True, kw_only=True)(type("Other", (OURS["Parent"],), {}))
    assert child(1) == child(1)
    with pytest.raises(TypeError, match="non-frozen"):
        dataclasses.dataclass(type("Mutable", (OURS["Parent"],), {}))


@pytest.mark.parametrize("options", [{}, {"order": True}])
def test_other_classes_are_those_of_the_standard_library(options: dict[str, bool]) -> None:
    made: Any = dataclass(**options)(type("One", (), {"__annotations__": {"a": int}}))
    one = made(1)
    one.a = 2
    assert one == made(2)
    assert "__lt__" in vars(made) or not options
