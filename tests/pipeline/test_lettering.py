"""Names in scripts that the shipped font lacks: the page is made, the PDF is left out or has a font, and it is said."""

import json
from pathlib import Path

import pytest

from diptych.errors import RenderError
from diptych.pipeline import build, check

CHINESE = ("\u6587\u672c", "\u56fe\u50cf", "\u97f3\u9891")
ARABIC = ("\u0646\u0635\u0648\u0635", "\u0635\u0648\u0631", "\u0635\u0648\u062a")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
MESSAGE = (
    "no font has the Chinese characters \u56fe \u50cf \u6587 \u672c \u97f3 \u9891; name a font file that has them, such as "
    "Noto Sans CJK, under fonts: [...], or fonts: system for one of this machine"
)


def project(folder, names, outputs, fonts=""):
    rows = [{"a": names[i], "b": names[(i + step) % 3]} for i in range(3) for step in (0, 0, 1)] * 12
    (folder / "r.json").write_text(json.dumps(rows), "utf-8")
    (folder / "config.yaml").write_text(
        f"version: 1\nreport: {{title: Names}}\n{fonts}relations:\n  meets:\n    label: meets\n"
        "    records: {source: r.json, rows: {column: a, label: Left}, columns: {column: b, label: Right}}\n"
        f"outputs: {outputs}\n"
    )
    return folder / "config.yaml"


def test_the_page_is_made_and_the_pdf_left_out_with_a_note(tmp_path):
    config = project(tmp_path, CHINESE, "[html, pdf, figures]")
    built = build(config, tmp_path / "site")
    notes = [note.message for note in built.notes if note.slug == "fonts"]
    assert notes == [f"PDF files are left out: {MESSAGE}"]
    made = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert {"index.html", "figures/main.svg", "figures/main.vl.json"} <= made
    assert not any(path.endswith((".pdf", ".png")) for path in made)
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert CHINESE[0] in page
    assert "report.pdf" not in page
    assert [note.message for note in check(config).notes if note.slug == "fonts"] == notes


def test_where_a_pdf_alone_was_asked_for_the_failure_says_so(tmp_path):
    config = project(tmp_path, CHINESE, "[pdf]")
    with pytest.raises(RenderError) as caught:
        build(config, tmp_path / "site")
    assert str(caught.value) == f"report.pdf: {MESSAGE}"
    assert not (tmp_path / "site").exists()


@pytest.mark.skipif(not DEJAVU.is_file(), reason="DejaVu Sans is not installed: apt-get install fonts-dejavu-core")
@pytest.mark.parametrize("fallback", ["system", f"[{DEJAVU}]"])
def test_a_font_of_the_machine_is_used_where_the_config_says_so(tmp_path, fallback):
    config = project(tmp_path, ARABIC, "[html, pdf]", f"fonts: {fallback}\n")
    built = build(config, tmp_path / "site")
    assert [note for note in built.notes if note.slug == "fonts"] == []
    assert (tmp_path / "site" / "report.pdf").read_bytes().startswith(b"%PDF")
