"""What the templates were compiled to: beside them, as Python keeps its own modules."""

from __future__ import annotations

import contextlib
import pickle
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType

from jinja2.bccache import Bucket, FileSystemBytecodeCache

from . import template_folder


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates: in memory for all environments of a process, and in `__pycache__` for the next one.

    A template whose source is another is compiled anew. Nothing is written where Python writes no bytecode either, or
    where the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        """Keep what is compiled in the folder `__pycache__` of a folder."""
        super().__init__(str(folder / "__pycache__"), f"%s.{sys.implementation.cache_tag}-jinja{version('jinja2')}")
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template what was compiled of the same source."""
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
            return
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()
        self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._keep(bucket)
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = (bucket.checksum, bucket.code)


@cache
def compiled() -> CompiledTemplates:
    """Return what the templates of this program were compiled to."""
    return CompiledTemplates(template_folder())
