"""What `pip install diptych` gives without extras: it builds, and needs nothing that only an extra brings."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.ci.world import FILES, write

ROOT = Path(__file__).parents[2]

MODULES = {
    "excel": ["python_calamine"],
    "hub": ["huggingface_hub", "httpx", "httpx2"],
    "serve": ["watchfiles"],
    "spark": ["pyspark", "pyarrow"],
}

PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))  # None: importing it fails
from diptych.cli import main
for arguments in (["build"], ["verify", "site"]):
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def test_all_extras_are_known():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["optional-dependencies"]) == set(MODULES)


def test_a_report_is_built_without_extras(tmp_path):
    write(tmp_path, FILES)
    modules = ",".join(sorted({name for names in MODULES.values() for name in names}))
    found = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, modules], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.endswith("site: every file is as its manifest says\n")
