"""Files of a report -> a folder: written beside it, then swapped in. The only stage that writes a site.

`publish` and `recover` are all that other stages need; docs/publishing.md says what holds on which system.
"""

from .site import PublishedHow, publish, recover

__all__ = ["PublishedHow", "publish", "recover"]
