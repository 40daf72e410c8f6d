"""Complete the metadata of the package: absolute links in the README, and the addresses of the project.

The environment variable DIPTYCH_REPOSITORY has the address of the repository. The release workflow sets it. Without it,
links stay relative and there are no addresses.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<picture>!?)(?P<text>\[(?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*\])\((?P<target>[^)\s]+)\)")


def with_absolute_links(text: str, repository: str, version: str) -> str:
    """Return Markdown whose relative links lead to the files of a version in the repository.

    >>> with_absolute_links("[a](docs/a.md#b), ![p](p.png), [c](#c)", "https://example.org/o/n", "1.0")
    '[a](https://example.org/o/n/blob/v1.0/docs/a.md#b), ![p](https://example.org/o/n/raw/v1.0/p.png), [c](#c)'
    """

    def absolute(found: re.Match[str]) -> str:
        inner, target = with_absolute_links(found["text"][1:-1], repository, version), found["target"]
        if re.match(r"[a-z]+:|#", target) is None:
            target = f"{repository}/{'raw' if found['picture'] else 'blob'}/v{version}/{target}"
        return f"{found['picture']}[{inner}]({target})"

    return _LINK.sub(absolute, text)


class PackageMetadata(MetadataHookInterface):
    """Set the README and the addresses."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to the metadata."""
        repository, version = os.environ.get("DIPTYCH_REPOSITORY", "").rstrip("/"), metadata["version"]
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        if repository:
            text = with_absolute_links(text, repository, version)
            metadata["urls"] = {
                "Homepage": repository,
                "Documentation": f"{repository}/tree/v{version}/docs",
                "Changelog": f"{repository}/blob/v{version}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
