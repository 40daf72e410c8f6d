"""How much is fetched from one address, and how long that may take."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FetchError


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(63), duration(3600)
    ('63 s', '60 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


class TooMuchError(FetchError):
    """A server sends more than is fetched; nothing of it is kept."""


@dataclass(frozen=True)
class DownloadBounds:
    """How much is fetched from one address at most: bytes, and seconds from the first request to the last byte."""

    n_bytes: int = 10**9
    seconds: float = 3600
    advice: str | None = None
    """What to do where neither is enough, if no config is read: the keys of a config otherwise."""

    def too_large(self, subject: str, n_bytes: int | None = None) -> TooMuchError:
        """Return the error for more bytes than are fetched; `n_bytes` is how many there are, if the server says."""
        most = _amount(self.n_bytes)
        size = f"more than {most}" if n_bytes is None else f"{_amount(n_bytes)}, more than {most}"
        return TooMuchError(
            f"{subject}: the server sends {size}; {self.advice or 'if you expect so much, raise engine.download'}"
        )

    def too_slow(self, subject: str) -> FetchError:
        """Return the error for a download that takes too long."""
        advice = self.advice or "if you expect it to take longer, raise engine.download_time"
        return FetchError(f"{subject}: the download has not ended after {duration(self.seconds)}; {advice}")


BY_HAND = DownloadBounds(50 * 10**9, 24 * 3600, "fetch less of it (--author, --tag, --since, --limit)")
"""The bounds of what a person asks for on the command line, such as the listing of the whole Hub."""


def _amount(n_bytes: int) -> str:
    """Return an amount of data in words.

    >>> _amount(10**9), _amount(1_500_000), _amount(300)
    ('1 GB', '1.5 MB', '300 bytes')
    """
    for size, unit in ((10**9, "GB"), (10**6, "MB")):
        if n_bytes >= size:
            return f"{n_bytes / size:,.3g} {unit}" if n_bytes < 1000 * size else f"{n_bytes / size:,.0f} {unit}"
    return f"{n_bytes:,} bytes"


USUAL = DownloadBounds()
