"""What axe finds wrong with a page: WCAG 2.2 AA as far as a program can tell."""

from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT

from tests.draws import NIGHTLY

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

TAKE_OUT = """([parts, whole]) => {
  const signs = new WeakMap(), seen = new Set(), again = new Set();
  const kind = e => [e.tagName, ...['class', 'style', 'fill', 'stroke'].map(name => e.getAttribute(name)),
    e.getAttributeNames(), e.matches(':hover'), e.matches(':focus')].join(' ');
  const sign = e => { if (e !== document.documentElement && !signs.has(e)) signs.set(e, `${sign(e.parentElement)} > ${kind(e)}`);
    return signs.get(e); };
  const inside = e => parts.some(part => e.closest(part)), kept = e => parts.some(part => e.querySelector(part)) || whole && inside(e);
  const all = [...document.body.querySelectorAll('*')];
  for (const e of all) if (e.checkVisibility({visibilityProperty: true})) {
    const one = `${inside(e)} ${sign(e)}`;
    if (seen.has(one) && !kept(e)) again.add(e);
    seen.add(one);
  } else if (!inside(e) && !kept(e) && e.closest('details:not([open]) > :not(summary)')) again.add(e);
  for (const e of all.reverse()) if ([...e.children].some(child => !again.has(child))) again.delete(e);
  const taken = [...again].filter(e => !again.has(e.parentElement)).map(e => [e.parentElement, e, e.nextSibling]);
  for (const [, e] of taken) e.remove();
  return () => { for (const [parent, e, next] of taken.reverse()) parent.insertBefore(e, next); };
}"""
"""Take out each element that has one before it with the same tags, classes, styles and states from the top down to it.

What is in details that are shut, too. Not what certain parts of the page are in, nor what is in them where they are to stay whole; else of each kind in them
one stays too. Gives the function that puts them back.
"""


def violations(page, context=None, *, options=OPTIONS):
    """Return rule and place of everything that is wrong in a page, or in a part of it.

    `options` may be `COLOURS` or `PLACES` where the same page was looked at whole in another scheme or width. Colours
    are looked at in one element of each kind, since axe takes the longer the more there are and those of a kind have
    the same; every night in all. What is around a part is left away in the same way.
    """
    if options is OPTIONS:
        return [*violations(page, context, options=PLACES), *violations(page, context, options=COLOURS)]
    if NIGHTLY or (context is None and options is PLACES):
        found = asked(page, context, options)
    else:
        with one_of_each(page, context, whole=options is PLACES):
            found = asked(page, context, options)
    ran = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found[kind]}
    assert ran >= ({"color-contrast"} if options is not PLACES else set() if context else LOOKED_AT)
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]


RUN = "([context, options]) => window.axe?.run(context ?? document, options)"


def asked(page, context, options):
    """Return what axe says, which is read into a page once: half a megabyte."""
    found = page.evaluate(RUN, [context, options])
    if found is None:
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(RUN, [context, options])
    return found


@contextmanager
def one_of_each(page, context, *, whole):
    """Have no more in a page than one element of each kind, and of each in a part, or that `whole`.

    A part is a selector, what it includes, or None.
    """
    parts = (
        [] if context is None else [context] if isinstance(context, str) else [part for [part] in context["include"]]
    )
    back = page.evaluate_handle(TAKE_OUT, [parts, whole])
    yield
    back.evaluate("back => back()")
