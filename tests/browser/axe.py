"""What axe finds wrong with a page: WCAG 2.2 AA as far as a program can tell."""

from axe_playwright_python.sync_playwright import Axe

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of others one place each, else thousands of places travel from the browser
}
LOOKED_AT = {"color-contrast", "region", "heading-order"}
"""Rules that a whole page gives something to do."""


def violations(page, context=None):
    """Return rule and place of everything that is wrong in a page, or in a part of it."""
    found = Axe().run(page, context, OPTIONS).response
    ran = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found[kind]}
    assert ran >= (LOOKED_AT if context is None else {"color-contrast"})
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]
