"""A process that draws: a specification as JSON on each line of stdin, the SVG as JSON on a line of stdout.

Run by its path with the parent's import path as the only argument, so that nothing of the folder a person
works in is imported, nor the parent's own program (as multiprocessing would). It imports nothing of `report`.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Warm up, then answer until stdin ends."""
    sys.path[:] = json.loads(sys.argv[1])
    import vl_convert  # noqa: PLC0415 - found on the parent's path only

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
