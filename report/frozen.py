"""The decorator `dataclass` of the standard library, faster for frozen classes.

The standard decorator compiles up to seven methods of a class. For the 350 classes of a build this took a tenth of the
time of the default build (Python 3.11). Here frozen classes share their methods, and only `__init__` is compiled, when
the first record is made.
"""
# ruff: noqa: ANN001, ANN003, ANN201, ANN202, ANN401 - methods of any class, with the types of the standard library

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
else:

    def dataclass(cls=None, /, *, eq=True, order=False, frozen=False, **options):
        """Build a dataclass with the options of `dataclasses.dataclass`, except `init` and `repr`."""

        def built(cls):
            if order or not frozen:
                return dataclasses.dataclass(cls, eq=eq, order=order, frozen=frozen, **options)
            return _frozen(cls, eq=eq, **options)

        return built if cls is None else built(cls)


def _frozen(cls: Any, *, eq: bool, **options: bool) -> Any:
    own = vars(cls)
    # The standard library accepts only frozen classes as children of frozen ones.
    derived = any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__)
    made = dataclasses.dataclass(init=False, repr=False, eq=False, frozen=derived, **options)(cls)
    made.__dataclass_params__.frozen = True
    methods: dict[str, Any] = {"__init__": _first_call(made), "__repr__": _text}
    if not derived:
        methods |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deletion}
    if options.get("slots"):
        methods |= {"__getstate__": _state, "__setstate__": _restore}
    if eq:
        methods |= _comparison([field.name for field in dataclasses.fields(made) if field.compare])
    for name, method in methods.items():
        if name not in own:
            setattr(made, name, method)
    return made


_MISSING = dataclasses.MISSING


def _first_call(made: Any) -> Callable[..., None]:
    """Return an `__init__` that replaces itself by the compiled one."""

    def __init__(self: Any, *arguments: object, **named: object) -> None:  # noqa: N807
        made.__init__ = _initialiser(made)
        made.__init__(self, *arguments, **named)

    return __init__


def _initialiser(made: Any) -> Callable[..., None]:
    """Compile `__init__` with the parameters of the fields, which must be in the order that Python allows."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": _MISSING}
    positional, named, lines = ["self"], list[str](), list[str]()
    for field in dataclasses.fields(made):
        name, value = field.name, field.name
        default = f"_default_{name}"
        if field.default_factory is not _MISSING:
            known[default] = field.default_factory
            value = f"{default}() if {name} is _MISSING else {name}" if field.init else f"{default}()"
            parameter = f"{name}=_MISSING"
        elif field.default is not _MISSING:
            known[default] = field.default
            parameter = f"{name}={default}"
            value = name if field.init else default
        else:
            parameter = name
        if field.init:
            (named if field.kw_only else positional).append(parameter)
        lines.append(f" _set(self, {name!r}, {value})")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}):\n" + "\n".join(lines or [" pass"]), known)  # noqa: S102 - as the standard library
    method: Callable[..., None] = known["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    return method


def _comparison(names: list[str]) -> dict[str, Callable[..., Any]]:
    """Return `__eq__` and `__hash__` by these fields."""
    if len(names) > 1:
        key: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
    else:

        def key(record: Any) -> tuple[Any, ...]:
            return tuple(getattr(record, name) for name in names)

    def is_equal(self: Any, other: object) -> Any:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(key(self))

    return {"__eq__": is_equal, "__hash__": hashed}


def _text(self: Any) -> str:
    parts = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(parts)})"


def _refuse_setting(self: Any, name: str, value: object) -> None:
    _refuse(self, name, "assign to")
    object.__setattr__(self, name, value)


def _refuse_deletion(self: Any, name: str) -> None:
    _refuse(self, name, "delete")
    object.__delattr__(self, name)


def _refuse(self: Any, name: str, action: str) -> None:
    """Raise an error for every attribute of a record, and for fields of a subclass that is not one."""
    if "__dataclass_fields__" in vars(type(self)) or name in self.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot {action} field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
