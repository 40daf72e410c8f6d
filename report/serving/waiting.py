"""Wait until something changes: woken by the system where watchfiles is installed, else by looking often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from .preview import Seen

_EVERY_SECONDS = 0.3
_SETTLES_MS = 50
_LOOKS_ANYWAY_MS = 2_000


def wait(before: Seen, seen: Callable[[], Seen], folders: Sequence[Path], stop: Event) -> Seen | None:
    """Return how things are once they are otherwise than before; None where it was told to stop.

    What changed while nobody waited counts: times and sizes of the files decide, and who wakes up looks at them.
    """
    now = seen()
    while now == before and not stop.is_set():
        _until_something(folders, stop)
        now = seen()
    return None if stop.is_set() else now


def _until_something(folders: Sequence[Path], stop: Event) -> None:
    """Come back when something in these folders changes, and now and then without that."""
    if find_spec("watchfiles") is None or not folders:
        stop.wait(_EVERY_SECONDS)
        return
    from watchfiles import watch  # noqa: PLC0415 - only the extra brings it

    changes = watch(
        *folders,
        stop_event=stop,
        recursive=False,
        debounce=_SETTLES_MS,
        step=_SETTLES_MS,
        rust_timeout=_LOOKS_ANYWAY_MS,
        yield_on_timeout=True,
    )
    next(iter(changes), None)
