"""What axe finds wrong with a page: WCAG 2.2 AA as far as a program can tell."""

from axe_playwright_python.base import AXE_SCRIPT

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of others one place each, else thousands of places travel from the browser
}
COLOURS = {**OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""What differs between the light and the dark: most of the time that axe takes."""
PLACES = {**OPTIONS, "rules": {**OPTIONS["rules"], "color-contrast": {"enabled": False}}}
"""What differs between wide and narrow: everything but colours."""
LOOKED_AT = {"region", "heading-order"}
"""Rules that a whole page gives something to do, beside colours."""


def violations(page, context=None, *, options=OPTIONS):
    """Return rule and place of everything that is wrong in a page, or in a part of it.

    `options` may be `COLOURS` or `PLACES` where the same page was looked at whole in another scheme or width.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, [context, options])
    ran = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found[kind]}
    assert ran >= ({"color-contrast"} if options is not PLACES else set() if context else LOOKED_AT)
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]


RUN = "([context, options]) => window.axe.run(context ?? document, options)"
