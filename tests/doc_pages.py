"""The pages of the documentation as tests read them."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def section(name: str, title: str) -> str:
    """Return the text below a heading of the second level, up to the next one."""
    (text,) = re.findall(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", (DOCS / name).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return text
