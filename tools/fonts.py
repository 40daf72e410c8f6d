"""Make the shipped fonts of `report/theme/fonts/` from IBM's own package.

Run once for each new version of the font, in a temporary environment:

    npm pack @ibm/plex-sans@1.1.0 && tar xzf ibm-plex-sans-1.1.0.tgz
    python3 -m venv fonts-env && fonts-env/bin/pip install fonttools==4.68.0 brotli==1.2.1
    fonts-env/bin/python tools/fonts.py package report/theme/fonts

For each style it writes the whole font as TTF (unpacked, with unchanged tables but for the names) for vl-convert and
Typst, and a subset as WOFF2 for embedding into HTML. All have the name "Diptych Sans": "Plex" is a reserved name under
the Open Font License, which modified versions may not have, and vl-convert would take another font of the same name
that a machine has, so that figures would differ between machines. The page's `@font-face` gives the name for styles.
`advances.json` contains the width of each character, for layout before drawing.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from fontTools import subset  # type: ignore[import-not-found,unused-ignore]
from fontTools.ttLib import TTFont  # type: ignore[import-not-found,unused-ignore]

STYLES = ("Regular", "Italic", "Bold")
NAME = "Diptych Sans"

CHARACTERS = (
    *range(0x20, 0x7F),  # Basic Latin
    *range(0xA0, 0x180),  # Latin-1, Latin Extended-A
    *range(0x2010, 0x2027),  # dashes, quotation marks, daggers, bullet, ellipsis
    *(0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044),  # per mille, primes, single guillemets, fraction slash
    *(0x2070, *range(0x2074, 0x2078), *range(0x2078, 0x208A)),  # superior and inferior figures
    *(0x20AC, 0x2113, 0x2116, 0x2122, 0x2126, 0x03B1, 0x03B2, 0x03C6, 0x03BC),  # euro, numero, alpha, beta, phi, mu
    *range(0x2190, 0x219A),  # arrows
    *(0x2202, 0x2206, 0x2211, 0x2212, 0x221A, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CA, 0x2713, 0x2717),
)
BASIC = (
    *range(0x20, 0x7F),  # Basic Latin
    *range(0xA0, 0x100),  # Latin-1
    *(0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2190, 0x2192, 0x2193, 0x2212),
    *(0x2248, 0x2260, 0x2264, 0x2265, 0x2713, 0x0144),  # and characters of our own text: Imieliński is cited
)
"""Characters for the languages of western Europe: a third fewer bytes for pages that need no more."""

FEATURES = ["kern", "liga", "tnum", "lnum", "mark", "ccmp", "locl"]


def rename(font: TTFont, style: str) -> None:
    """Give a font our own name."""
    names = {1: NAME, 2: style, 3: f"{NAME} {style}", 4: f"{NAME} {style}", 6: f"{NAME.replace(' ', '')}-{style}"}
    for record in list(font["name"].names):
        if record.nameID in names:
            font["name"].setName(
                names[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID
            )


def write_ttf(source: Path, target: Path, style: str) -> None:
    """Unpack a WOFF2 into TrueType under our own name, without changing another table."""
    font = TTFont(source, recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = None
    rename(font, style)
    font.save(target, reorderTables=True)


def write_subset(source: Path, target: Path, style: str, characters: Sequence[int] = CHARACTERS) -> None:
    """Write the characters that a report needs as WOFF2 under our own name."""
    options = subset.Options(
        layout_features=FEATURES, hinting=False, notdef_outline=True, flavor="woff2", name_IDs=[0, 1, 2, 3, 4, 5, 6]
    )
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    rename(font, style)
    subset.save_font(font, str(target), options)


def write_advances(font: Path, target: Path) -> None:
    """Write the advance widths of a font: a JSON object from thousandths of an em to the characters of that width."""
    opened = TTFont(font)
    by_width: dict[int, str] = {}
    for code, glyph in sorted(opened.getBestCmap().items()):
        width = round(1000 * opened["hmtx"][glyph][0] / opened["head"].unitsPerEm)
        by_width[width] = by_width.get(width, "") + chr(code)
    target.write_text(json.dumps(dict(sorted(by_width.items())), ensure_ascii=False, indent=0) + "\n", "utf-8")


def main() -> None:
    """Read the unpacked npm package, write fonts and licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked npm package @ibm/plex-sans")
    parser.add_argument("folder", type=Path, help="where to write: report/theme/fonts")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for style in STYLES:
        source = arguments.package / "fonts" / "complete" / "woff2" / f"IBMPlexSans-{style}.woff2"
        write_ttf(source, arguments.folder / f"DiptychSans-{style}.ttf", style)
        write_subset(source, arguments.folder / f"DiptychSans-{style}.woff2", style)
        write_subset(source, arguments.folder / f"DiptychSans-{style}-Basic.woff2", style, BASIC)
    (arguments.folder / "basic.txt").write_text("".join(map(chr, BASIC)), "utf-8")
    write_advances(arguments.folder / "DiptychSans-Regular.ttf", arguments.folder / "advances.json")
    shutil.copyfile(arguments.package / "LICENSE.txt", arguments.folder / "OFL.txt")
    for path in sorted(arguments.folder.iterdir()):
        path.chmod(0o644)
        print(f"{path.stat().st_size:>8} {path.name}")


if __name__ == "__main__":
    main()
