"""Waiting for a page.

Never by `wait_for_function`: it evaluates a string in the page on every look after the first, and the page's policy
refuses that.
"""

TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def laid_out(page):
    """Return when a page whose room, or what is open in it, has changed knows what scrolls.

    What watches its boxes is told when a frame is made, which a busy machine does later than the next question.
    """
    if getattr(page, "has_scripts", True):
        page.evaluate(TWO_FRAMES)


def resized(page, width, height=800):
    """Return when a page has settled in a window of another size."""
    page.set_viewport_size({"width": width, "height": height})
    laid_out(page)


def quiet(page):
    """Return when a page has asked for nothing for a while: for tests of what it asks for."""
    page.wait_for_load_state("networkidle")
