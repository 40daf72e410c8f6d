"""Store the Vega bundle of the installed vl-convert in `templates/vendor/`: `python -m tools.vega`.

Run when the locked version of vl-convert moves (a test says so), and look whether LICENSES.txt there still names
all that is in it. The same version gives the same bytes.
"""

from __future__ import annotations

import gzip
from importlib.metadata import version
from pathlib import Path

import vl_convert

FOLDER = Path(__file__).parents[1] / "templates" / "vendor"


def main() -> None:
    """Write the bundle, and take away those of other versions."""
    for old in FOLDER.glob("vega-*.js.gz"):
        old.unlink()
    path = FOLDER / f"vega-{version('vl-convert-python')}.js.gz"
    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stubs say nothing of the whole bundle
    path.write_bytes(gzip.compress(bundle.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
