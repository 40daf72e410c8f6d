"""Draw in a separate process: read a specification as JSON per line of stdin, write its SVG as JSON to stdout.

The parent runs this file by its path. The arguments are the parent's import path, the font folder and the Vega-Lite
version. Thus, no module in the user's working folder is imported, nor the parent's main program, which
multiprocessing would import. This file imports nothing from `report`.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Compile Vega, then answer requests until stdin ends."""
    sys.path[:] = json.loads(sys.argv[1])
    import vl_convert  # noqa: PLC0415 - only on the parent's path

    vl_convert.register_font_directory(sys.argv[2])
    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": [{}]}}, vl_version=sys.argv[3])
    for line in sys.stdin.buffer:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line), vl_version=sys.argv[3])}
        except ValueError as error:
            answer = {"error": str(error)}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
