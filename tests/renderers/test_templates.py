import pytest

from diptych.document.writer import fill, html_environment, text_environment
from diptych.errors import RenderError
from diptych.theme import Raw


def test_html_is_escaped_and_control_characters_go(tmp_path):
    (tmp_path / "a.html").write_text('<p title="{{ x }}">{{ x }}</p>')
    assert (
        fill(html_environment(tmp_path), "a.html", x='<"&\x00')
        == '<p title="&lt;&#34;&amp;\\u0000">&lt;&#34;&amp;\\u0000</p>'
    )


def test_text_is_escaped_unless_it_is_markup_already(tmp_path):
    (tmp_path / "a.tex").write_text("\\emph{<< x >>} << y >> << n >>")
    environment = text_environment(tmp_path, lambda text: text.replace("%", "\\%"))
    filled = fill(environment, "a.tex", x="50 %", y=Raw("\\dots"), n=3)
    assert filled == "\\emph{50 \\%} \\dots 3"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("one\n{{ missing }}", "template a.html:2: 'missing' is undefined"),
        ("one\n\n{% if %}", "template a.html:3: Expected an expression, got 'end of statement block'"),
        ("{% include 'b.html' %}", "template b.html is missing: the installation is incomplete"),
    ],
)
def test_errors_name_the_template_and_the_line(tmp_path, template, message):
    (tmp_path / "a.html").write_text(template)
    with pytest.raises(RenderError) as caught:
        fill(html_environment(tmp_path), "a.html")
    assert str(caught.value) == message
