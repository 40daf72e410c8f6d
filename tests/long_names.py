"""Reports with many categories whose names are long, in four scripts: records drawn with a fixed seed."""

import csv
import json
from pathlib import Path

import numpy as np

WORDS = {
    "en": (
        "Agricultural Economics and Rural Development",
        "Molecular Biology of Plants",
        "Machine Learning for Time Series",
        "Public Health and Epidemiology",
        "History of the Early Modern Period",
        "Computational Fluid Dynamics",
        "Law, Ethics and Society",
    ),
    "de": (
        "Donaudampfschifffahrtsgesellschaft",
        "Rechtsschutzversicherungsgesellschaften",
        "Stra\u00dfenverkehrszulassungsordnung",
        "Kraftfahrzeughaftpflichtversicherung",
        "Bezirksschornsteinfegermeister",
        "Arbeiterunfallversicherungsgesetz",
        "\u00dcberschwemmungsgebiete",
    ),
    "ar": (
        "\u0646\u0635\u0648\u0635 \u0639\u0631\u0628\u064a\u0629 \u0637\u0648\u064a\u0644\u0629",
        "\u0635\u0648\u0631 \u0627\u0644\u0623\u0642\u0645\u0627\u0631 \u0627\u0644\u0635\u0646\u0627\u0639\u064a\u0629",
        "\u062a\u0633\u062c\u064a\u0644\u0627\u062a \u0635\u0648\u062a\u064a\u0629",
        "\u0633\u0644\u0627\u0633\u0644 \u0632\u0645\u0646\u064a\u0629",
        "\u0639\u0644\u0648\u0645 \u0627\u0644\u062d\u0627\u0633\u0648\u0628",
        "\u0627\u0644\u0647\u0646\u062f\u0633\u0629 \u0627\u0644\u0645\u062f\u0646\u064a\u0629",
    ),
    "zh": (
        "\u81ea\u7136\u8bed\u8a00\u5904\u7406\u4e0e\u673a\u5668\u7ffb\u8bd1",
        "\u8ba1\u7b97\u673a\u89c6\u89c9",
        "\u8bed\u97f3\u8bc6\u522b\u6280\u672f",
        "\u65f6\u95f4\u5e8f\u5217\u9884\u6d4b",
        "\u751f\u7269\u4fe1\u606f\u5b66\u6570\u636e\u5e93",
        "\u516c\u5171\u536b\u751f\u7edf\u8ba1",
    ),
}


def names(n, language):
    """Return n names; from the second round on with a number."""
    words = WORDS[language]
    return [
        word if place < len(words) else f"{word} {place // len(words) + 1}"
        for place, word in enumerate(words[at % len(words)] for at in range(n))
    ]


def write(folder, n, language, more="", unused=0):
    """Write records of n categories on both sides (and `unused` ones that no record has) and their config."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    draw, known = np.random.default_rng(7), names(n, language)
    weights = draw.random(n) ** 2 + 0.03
    weights /= weights.sum()
    with (folder / "records.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["first", "second"])
        for _ in range(max(1500, 60 * n)):
            one, other = draw.choice(n, 2, p=weights)
            rows.writerow([known[one], known[one if draw.random() < 0.45 else other]])
    unseen = [f"Nobody {place + 1}" for place in range(unused)]
    listed = "\n".join(f"    - {{name: {json.dumps(name)}, match: [{json.dumps(name)}]}}" for name in [*known, *unseen])
    config = folder / "config.yaml"
    config.write_text(
        f"version: 1\nreport: {{title: Fields by field}}\ntaxonomy:\n  categories:\n{listed}\n"
        "relations:\n  fields:\n    records:\n      source: records.csv\n      label: Answer\n"
        "      rows: {column: first, label: First field}\n      columns: {column: second, label: Second field}\n"
        f"{more}",
        "utf-8",
    )
    return config
