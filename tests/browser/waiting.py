"""Waiting for a page.

Never by `wait_for_function`: it evaluates a string in the page on every look after the first, and the page's policy
refuses that. So it raises, or not, as the figure was slower or faster than the first look.
"""

STARTING = """(document.documentElement.classList.contains('js')
  && document.querySelector('[id$="report-live"], [id$="report-data"]') !== null)"""
UNSETTLED = 'figure[data-figure]:not([data-live="on"], [data-live="off"])'
NOT_YET = '[data-figure]:not([data-live="on"])'
WITHIN_MS = 30_000
NONE_LEFT = f"""waiting => new Promise((done, fail) => {{
  const start = performance.now();
  const look = () => document.querySelector(waiting) === null ? done()
    : performance.now() - start > {WITHIN_MS} ? fail(new Error(`still there: ${{waiting}}`)) : requestAnimationFrame(look);
  look();
}})"""
"""One question, asked and answered in the page, frame by frame."""
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def every_figure_live(page):
    """Return when no figure of the page waits for its live form."""
    page.evaluate(NONE_LEFT, NOT_YET)


def settled(page):
    """Return when each figure of a loaded page is live or stays as it is drawn: the page does no more by itself.

    Not by `networkidle`, which is half a second without a request, of pages that make none.
    """
    page.evaluate(f"waiting => {STARTING} ? ({NONE_LEFT})(waiting) : null", UNSETTLED)


def laid_out(page):
    """Return when a page whose room, or what is open in it, has changed knows what scrolls.

    What watches its boxes is told when a frame is made, which a busy machine does later than the next question.
    """
    page.evaluate(f"document.documentElement.classList.contains('js') ? {TWO_FRAMES} : null")


def resized(page, width, height=800):
    """Return when a page has settled in a window of another size."""
    page.set_viewport_size({"width": width, "height": height})
    laid_out(page)


def quiet(page):
    """Return when a page has asked for nothing for a while: for tests of what it asks for."""
    page.wait_for_load_state("networkidle")
