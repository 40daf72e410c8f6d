"""The example compiles as it stands: run where a TeX distribution is installed."""

import shutil
import subprocess

import pytest

from report.renderers.latex import render_latex
from tests.renderers.documents import demo, nasty, small

ENGINE = shutil.which("pdflatex")

PICTURE = rb"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 90]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@pytest.mark.skipif(ENGINE is None, reason="pdflatex is not installed: apt-get install texlive-latex-recommended")
@pytest.mark.parametrize("document", [small, nasty, demo])
def test_the_example_compiles(tmp_path, document):
    files = render_latex(document())
    (tmp_path / "latex").mkdir()
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "main.pdf").write_bytes(PICTURE)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [ENGINE, "-interaction=nonstopmode", "-halt-on-error", "example.tex"],
        cwd=tmp_path / "latex",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Output written on example.pdf" in done.stdout
