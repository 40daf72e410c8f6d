"""Write the files of a report next to a folder, then swap them in. Only this stage writes a site.

Other stages need only `check_folder`, `publish` and `recover`. docs/publishing.md lists the guarantees.
"""

from .site import PublishedHow, check_folder, publish, recover

__all__ = ["PublishedHow", "check_folder", "publish", "recover"]
