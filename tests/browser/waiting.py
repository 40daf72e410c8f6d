"""Waiting for a page.

Never by `wait_for_function`: it evaluates a string in the page on every look after the first, and the page's policy
refuses that. So it raises, or not, as the figure was slower or faster than the first look.
"""

from playwright.sync_api import expect

NOT_YET = '[data-figure]:not([data-live="on"])'


def every_figure_live(page):
    """Return when no figure of the page waits for its live form."""
    expect(page.locator(NOT_YET)).to_have_count(0, timeout=30_000)
