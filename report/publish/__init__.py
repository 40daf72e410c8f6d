"""Files of a report -> a folder: written beside it, then swapped in. The only stage that writes a site.

`check_folder`, `publish` and `recover` are all that other stages need; docs/publishing.md says what holds where.
"""

from .site import PublishedHow, check_folder, publish, recover

__all__ = ["PublishedHow", "check_folder", "publish", "recover"]
