"""Every output is the same in every process: whatever the hash seed, the time zone and the working directory."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import hashlib, json
from diptych.renderers.registry import render
from diptych.renderers import OutputSettings
from tests.renderers.documents import demo
files = render(demo(), OutputSettings.everything())
print(json.dumps({path: hashlib.sha256(content).hexdigest() for path, content in files.items()}))
"""


def digests(seed, zone, folder):
    surroundings = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=surroundings, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_two_processes_make_the_same_bytes(tmp_path):
    assert digests("1", "Pacific/Auckland", ROOT) == digests("2", "America/Lima", tmp_path)
