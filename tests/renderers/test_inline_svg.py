import re

import pytest

from diptych.errors import RenderError
from diptych.renderers.html_view import inline_svg

SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 30 20" width="30">{}</svg>'


def test_ids_get_the_prefix_wherever_they_are_named():
    body = '<defs><linearGradient id="g0"/></defs><g fill="url(#g0)"/><use xlink:href="#g0"/>'
    assert inline_svg(SVG.format(body), "main") == (
        '<svg viewBox="0 0 30 20" aria-hidden="true" focusable="false"><defs><linearGradient id="svg-main-g0"/></defs>'
        '<g fill="url(#svg-main-g0)"/><use href="#svg-main-g0"/></svg>'
    )


def test_labels_that_look_like_code_are_text():
    body = '<text aria-label="x onload=1">&lt;script&gt; style="a" id="g" onerror=alert(1)</text>'
    assert inline_svg(SVG.format(body), "p") == (
        '<svg viewBox="0 0 30 20" aria-hidden="true" focusable="false">'
        '<text>&lt;script&gt; style="a" id="g" onerror=alert(1)</text></svg>'
    )


def test_fonts_are_left_to_the_page():
    body = '<style>@font-face{font-family:X;src:url(data:font/woff2;base64,AA)}</style><text font-family="X">a</text>'
    assert re.findall("style|family", inline_svg(SVG.format(body), "p")) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<script>alert(1)</script>", "figure p: its drawing contains <script>, which a page may not carry"),
        ("<foreignObject/>", "figure p: its drawing contains <foreignObject>, which a page may not carry"),
        *(
            (f'<image xlink:href="{a}"/>', f"figure p: its drawing contains href='{a}', which a page may not carry")
            for a in ("https://x.example/", "data:image/svg+xml;base64,AA==", "data:image/png;base64,A\xe4==")
        ),
        ('<use href="https://x.example/"/>', "figure p: its drawing contains href='https://x.example/', which a page may not carry"),
        ('<g onload="alert(1)"/>', "figure p: its drawing contains onload='alert(1)', which a page may not carry"),
        ('<g style="fill:red"/>', "figure p: its drawing contains style='fill:red', which a page may not carry"),
        ("<g>", "figure p: its drawing is not well-formed SVG (mismatched tag: line 1, column 140)"),
    ],
)  # fmt: skip
def test_what_a_page_may_not_carry_is_refused(body, message):
    with pytest.raises(RenderError) as caught:
        inline_svg(SVG.format(body), "p")
    assert str(caught.value) == message
