"""Hostile configs and files of data, always the same: written by hand where the harm is known, else drawn by seeds.

`configs(n)` and `data(n)` give n cases each. A smaller number begins with `HARDEST` and is spread over all sorts of harm.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from tests.fuzz import mutations
from tests.fuzz.test_fuzz import as_parquet

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINKED = """\
version: 1
report: {{title: What goes with what}}
outputs: {outputs}
taxonomy: {{categories: [{{name: A, match: [a, aa]}}, {{name: B, pattern: "^b+$"}}, {{name: C, when_several_of: [A, B]}}]}}
entities:
  datasets: {{label: Dataset, source: {d}, labels: {{column: l, separator: "|"}}}}
  models: {{label: Model, source: {m}, labels: {{column: l, separator: "|"}}}}
relations:
  trained_on:
    links: {{source: {k}, from: {{entity: datasets, column: s}}, to: {{entity: models, column: t}}}}
engine: {{threads: 1, memory: 500MB, limits: 0.05}}
"""
RECORDED = """\
version: 1
report: {{title: What goes with what}}
outputs: {outputs}
taxonomy: {{}}
relations:
  r: {{records: {{source: {x}, rows: {{column: a}}, columns: {{column: b}}}}, strata: [s]}}
engine: {{threads: 1, memory: 500MB, limits: 0.05}}
"""


@dataclass(frozen=True)
class Case:
    """A folder to build from: its files by path, and which of them is the hostile one, that a message must name.

    `links` are paths that lead to others, `pipes` those of named pipes.
    """

    name: str
    files: Mapping[str, bytes]
    about: str = "config.yaml"
    links: Mapping[str, str] = field(default_factory=dict)
    pipes: tuple[str, ...] = ()


def drawing(seed: int) -> random.Random:
    """Return the random numbers of a seed."""
    return random.Random(seed)  # noqa: S311 - no secret


@cache
def sound() -> dict[str, bytes]:
    """Return files that nothing happens to."""
    return {f"{kind}.csv": mutations.as_csv(rows, "\n") for kind, rows in mutations.tables(drawing(0)).items()}


def configs(n: int) -> list[Case]:
    """Return n hostile configs beside sound data: those written by hand, the others drawn."""
    sorts = [
        [Case(f"config-{name}", {**sound(), "config.yaml": text}) for name, text in written()]
        for written in (_as_bytes, _as_yaml, _as_values, _as_paths, _as_patterns)
    ]
    return _chosen([*sorts, list(_places())], _drawn_config, n)


def data(n: int) -> list[Case]:
    """Return n hostile files of data, each where a sound config names it: those written by hand, the others drawn."""
    sorts = [list(written()) for written in (_labels, _delimited, _json, _packed, _workbooks, _databases, _parquets)]
    return _chosen(sorts, _drawn_data, n)


HARDEST = frozenset(
    {
        *("config-laughs", "config-10-mb-text", "config-mappings-100000", "config-long-category", "config-path-zero"),
        *(
            "config-font-long",
            "config-pattern-9",
            "text-pipe",
            "text-proc",
            "source-loop",
            "site-link",
            "site-manifest",
        ),
        *("data-labels-long", "data-labels-bidi", "data-csv-columns-20000", "data-json-deep-list", "data-gz-bomb"),
        *("data-zst-line", "data-csv-zip", "data-xlsx-bad-place", "data-xlsx-laughs-sheet", "data-sqlite-endless-view"),
        *("data-sqlite-function", "data-parquet-footer-long"),
    }
)
"""Cases of every draw: each has broken the program, or would do most harm."""


def _chosen(sorts: list[list[Case]], drawn: Callable[[int], Case], n: int) -> list[Case]:
    """Return n cases: all that are written by hand and as many drawn, or a smaller number of each sort."""
    written = [case for sort in sorts for case in sort]
    if n >= len(written):
        return [*written, *(drawn(seed) for seed in range(n - len(written)))]
    sorts = [*sorts, [drawn(seed) for seed in range(10)]]
    hardest = [case for sort in sorts for case in sort if case.name in HARDEST]
    others = [[case for case in sort if case.name not in HARDEST] for sort in sorts]
    most = -(-(n - len(hardest)) // len(others))
    spread = [sort[place * len(sort) // most] for place in range(most) for sort in others]
    return [*hardest, *spread][:n]


# --- configs -----------------------------------------------------------------------------------------------------------

_BASE = mutations.CONFIG


def _with(old: str, new: str, text: str = _BASE) -> bytes:
    assert old in text, old
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


def _as_bytes() -> Iterator[tuple[str, bytes]]:
    base = _BASE.encode()
    yield from {
        "empty": b"",
        "spaces": b" \n" * 1000,
        "comment": b"# nothing\n",
        "nul": base.replace(b"title", b"ti\0tle"),
        "binary": drawing(1).randbytes(5000),
        "elf": b"\x7fELF" + drawing(2).randbytes(2000),
        "latin-1": base.replace(b"What", b"Wh\xe4t"),
        "utf-16": _BASE.encode("utf-16"),
        "utf-16-be": _BASE.encode("utf-16-be"),
        "utf-32": _BASE.encode("utf-32"),
        "bom": b"\xef\xbb\xbf" + base,
        "two-boms": b"\xef\xbb\xbf\xef\xbb\xbf" + base,
        "10-mb-line": base + b"# " + b"x" * 10_000_000,
        "10-mb-text": base + b"'" + b"x" * 10_000_000,
        "long-key": base + b"x" * 900_000 + b": 1\n",
        "carriage-returns": base.replace(b"\n", b"\r"),
        "mixed-ends": base.replace(b"\n", b"\r\n", 5),
        "cut": base[:300],
        "json": json.dumps(yaml.safe_load(_BASE), default=str).encode(),
        "surrogate-bytes": base.replace(b"What", b"\xed\xa0\x80"),
        "overlong": base.replace(b"What", b"\xc0\xaf"),
        "beyond-unicode": base.replace(b"What", b"\xf5\x80\x80\x80"),
        "controls": base.replace(b"What", b"W\x1b[31mhat"),
        "next-line": base.replace(b"What goes", "What\x85goes".encode()),
        "bidi": base.replace(b"What", "\u202ewhat".encode()),
    }.items()


def _as_yaml() -> Iterator[tuple[str, bytes]]:  # noqa: PLR0915 - a list of cases
    levels = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 12))
    yield "laughs", _BASE.encode() + f"b0: &b0 [x, x]\n{levels}".encode()
    yield (
        "laughs-as-mappings",
        ("a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{a: *a{n - 1}, b: *a{n - 1}}}\n" for n in range(1, 40))).encode()
        + _BASE.encode(),
    )
    yield "alias-to-itself", _with("taxonomy:\n", "taxonomy: &t\n  order: *t\nx:\n")
    yield "merge", _with("report: {", "report: {<<: {subtitle: x}, ")
    yield "merge-of-alias", _with("entities:\n", "base: &b {label: X}\nentities:\n  more: {<<: *b}\n")
    yield "twice", _BASE.encode() + b"version: 1\n"
    yield "twice-inside", _with("report: {", "report: {title: x, ")
    yield "ten-thousand-times", b"version: 1\n" * 10_000
    for tag in ("python/object/apply:os.system", "python/name:os.system", "python/module:os", "python/object/new:dict"):
        yield (
            f"tag-{tag.replace('/', '-').replace(':', '-')}",
            _with("What goes with what", f"!!{tag} ['touch /tmp/x']"),
        )
    for tag in (
        "!include /etc/passwd",
        "!!binary aGVsbG8=",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "!env HOME",
        "!<tag:x,1:y> z",
    ):
        yield f"tag-{tag[:10]}", _with("What goes with what", tag)
    yield "directive", b"%YAML 9.9\n---\n" + _BASE.encode()
    yield "tag-directive", b"%TAG ! tag:evil.example,2000:\n---\n" + _BASE.encode()
    yield "documents", _BASE.encode() + b"---\nversion: 1\n"
    yield "endless-documents", b"---\n" * 50_000
    for depth in (39, 41, 1_000, 100_000):
        yield f"lists-{depth}", b"version: 1\nx: " + b"[" * depth + b"]" * depth
        yield f"mappings-{depth}", b"version: 1\nx: " + b"{a: " * depth + b"}" * depth
    yield "never-closed", b"version: 1\nx: " + b"[" * 900_000
    yield "indented", "".join(f"{' ' * n}a:\n" for n in range(900)).encode()
    yield "questions", b"? " * 5_000 + b"a"
    yield "anchors", b"".join(b"&a%d " % n for n in range(100)) + b"x"
    yield "list-of-60000", _with("ordered: [B, A]", f"ordered: [{', '.join(map(str, range(60_000)))}]")
    yield "list-of-40000", _with("ordered: [B, A]", f"ordered: [{', '.join(f'x{n}' for n in range(40_000))}]")
    yield "unknown-keys", _BASE.encode() + "".join(f"key{n}: {n}\n" for n in range(5_000)).encode()
    yield "key-of-list", _BASE.encode() + b"? [a, b]\n: 1\n"
    yield "key-of-null", _BASE.encode() + b"~: 1\n"
    yield "block-scalar", _BASE.encode() + b"x: |\n" + b"  y\n" * 100_000
    yield "folded-99", _BASE.encode() + b"x: >99\n  y\n"
    yield "escapes", _with("What goes with what", r'"\x00\x01\a\b\e\v\0\_\N\L\P"')
    yield "surrogates", _with("What goes with what", r'"\ud83d\ude00 \ud800"')
    yield "no-character", _with("What goes with what", r'"\UFFFFFFFF"')
    yield "timestamp", _with("What goes with what", "2026-99-99T99:99:99Z")
    yield "sexagesimal", _with("seed: 7", "seed: 190:20:30")
    yield "tab", _BASE.encode() + b"x:\n\ty: 1\n"
    yield "scalar", b"version"
    yield "list", b"[1, 2]"
    yield "null", b"~"


_HUGE = (
    "1" + "0" * 400,
    "-1",
    "0",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "0x7fffffffffffffffffff",
    "1_000_000_000",
    "99999999999",
)
_PLACES = (
    ("level: 0.9", "level: "),
    ("seed: 7", "seed: "),
    ("minimum_units: 2", "minimum_units: "),
    ("level: 0.9,", "level: ,"),
    ("scale: [0, 1]", "scale: "),
    ("memory: 500MB", "memory: "),
    ("threads: 1", "threads: "),
    ("limits: 0.05", "limits: "),
    ("unlabelled: 0.9", "unlabelled: "),
    ("version: 1", "version: "),
)


def _as_values() -> Iterator[tuple[str, bytes]]:
    for old, key in _PLACES:
        for number, value in enumerate(_HUGE):
            if (number + len(key)) % 3 == 0:
                yield f"value-{key[:-2]}-{value[:12]}", _with(old, key + value)
    texts = (
        "<script>alert(1)</script>",
        "=cmd|'/c calc'!A0",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "\\input{/etc/passwd}",
        "%s%n",
    )
    for number, text in enumerate(texts):
        yield f"text-{number}", _with("What goes with what", json.dumps(text))
        yield f"label-{number}", _with("label: Dataset", f"label: {json.dumps(text)}")
        yield (
            f"category-{number}",
            _BASE.replace("name: A,", f"name: {json.dumps(text)},")
            .replace("[A, B]", f"[{json.dumps(text)}, B]")
            .replace("ordered: [B, A]", "ordered: [B]")
            .encode(),
        )
    yield "long-title", _with("What goes with what", "x" * 200_000)
    yield (
        "long-category",
        _BASE.replace("name: A,", f"name: {'y' * 100_000},")
        .replace("[A, B]", "[C, B]")
        .replace("ordered: [B, A]", "ordered: [B]")
        .encode(),
    )
    yield "zalgo", _with("What goes with what", "a" + "\u0301" * 5_000)
    yield "rtl", _with("What goes with what", "עברית ועוד (123)")
    yield "emoji", _with("What goes with what", "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50)
    yield "separator-surrogate", _with('separator: "|"', r'separator: "\ud800"')
    yield "separator-empty", _with('separator: "|"', 'separator: ""')
    yield "separator-nul", _with('separator: "|"', r'separator: "\0"')
    yield "separator-long", _with('separator: "|"', f'separator: "{"ab" * 20_000}"')
    yield "url-script", _BASE.encode() + b"url: javascript:alert(1)\n"
    yield "url-long", _BASE.encode() + b"url: https://x.example/" + b"y" * 100_000 + b"\n"
    yield "language-path", _with("report: {", "report: {language: ../../../etc, ")
    yield "outputs-unknown", _with("outputs: [data]", "outputs: [evil, '../x', data]")
    yield "date-far", _with("date: 2026-08-01", "date: 99999-01-01")
    yield "engine-spark-path", _with("name: duckdb", "name: ../../duckdb")
    yield (
        "top",
        RECORDED.format(x="m.csv", outputs="[data]").replace("taxonomy: {}", "taxonomy: {top: 99999999999}").encode(),
    )
    yield "aliases-cycle", _with("aliases: {m99: m1}", "aliases: {m99: m1, m1: m99, m2: m2}")
    yield "preset-path", _with("taxonomy:\n", "taxonomy:\n  preset: ../../../../etc/passwd\n")


_BAD_PATHS = {
    "zero": "/dev/zero",
    "random": "/dev/urandom",
    "stdin": "/dev/stdin",
    "tty": "/dev/tty",
    "proc": "/proc/self/environ",
    "mem": "/proc/self/mem",
    "kmsg": "/proc/kmsg",
    "sys": "/sys/kernel/debug",
    "passwd": "/etc/passwd",
    "shadow": "/etc/shadow",
    "up": "../../../../../../../../etc/hostname",
    "root": "/",
    "here": ".",
    "nul": '"m\\0.csv"',
    "long": "x" * 5_000 + ".csv",
    "deep": "a/" * 3_000 + "m.csv",
    "home": "~/m.csv",
    "variable": "$HOME/m.csv",
    "file": "file:///etc/passwd",
    "local": "http://127.0.0.1:9/m.csv",
    "metadata": "http://169.254.169.254/latest/meta-data",
    "no-scheme": "gopher://x/m.csv",
    "s3": "s3://",
    "hf": "hf://",
    "unc": "\\\\server\\share\\m.csv",
    "glob-all": "'**'",
    "glob-deep": "'**/**/**/**/**/**/*.csv'",
    "glob-stars": f"'{'*' * 500}.csv'",
    "glob-class": "'[!a]*[a-z][0-9]?*.csv'",
    "glob-open": "'[m.csv'",
    "glob-root": "'/etc/*'",
    "percent": "m%2ecsv",
    "option": "--help",
    "quote": '"m\'; drop table x; --.csv"',
    "shell": "'m.csv; touch evil'",
    "pipe": "'| touch evil'",
    "unicode": "m\u202evsc.exe",
    "zip": "m.zip",
    "config": "config.yaml",
}


def _as_paths() -> Iterator[tuple[str, bytes]]:
    for name, path in _BAD_PATHS.items():
        yield f"path-{name}", _with("source: m.csv", f"source: {{path: {path}, format: csv}}")
    for name in ("zero", "nul", "long", "up", "proc", "here"):
        yield f"font-{name}", _BASE.encode() + f"fonts: [{_BAD_PATHS[name]}]\n".encode()
        yield f"texts-{name}", _BASE.encode() + f"text: {{folder: {_BAD_PATHS[name]}}}\n".encode()
        yield f"database-{name}", _with("source: m.csv", f"source: {{database: {_BAD_PATHS[name]}, table: t}}")
    for name in ("zero", "up", "here", "nul"):
        yield (
            f"lookup-{name}",
            _with(
                'labels: {column: l, separator: "|"}, date', f"labels: {{column: l, lookup: {_BAD_PATHS[name]}}}, date"
            ),
        )
    yield "many-paths", _with("source: m.csv", f"source: [{', '.join(f'x{n}.csv' for n in range(2_000))}]")
    yield "same-path", _with("source: m.csv", f"source: [{', '.join(['m.csv'] * 2_000)}]")
    for name in ("../../evil", "/evil", "a/b", ".", "..", "con", "x" * 300, "a b", "é"):
        yield (
            f"id-{name[:10].replace('/', '_')}",
            _BASE.replace("id: left", f"id: '{name}'").replace("[left,", f"['{name}',").encode(),
        )
        yield f"figure-{name[:10].replace('/', '_')}", _with("id: main", f"id: '{name}'")


def _as_patterns() -> Iterator[tuple[str, bytes]]:
    patterns = (
        "(a+)+$",
        "(a|a)*$",
        "(.*)*x",
        "(?=a)",
        "(?<=a)b",
        "(?P<x>a)(?P=x)",
        "[",
        "(",
        "*",
        "a{1000}{1000}",
        "a{999999}",
        "\\p{Han}",
        "\\C",
        "(?i)(?s)(?U)",
        "(" * 5_000 + ")" * 5_000,
        "a" * 100_000,
        "[^\\x00-\\x{10FFFF}]",
        "\\Qa",
        "",
    )
    for number, pattern in enumerate(patterns):
        yield f"pattern-{number}", _with('pattern: "^b+$"', f"pattern: {json.dumps(pattern)}")
    many = ", ".join(f"'{n}+(a|b)*'" for n in range(2_000))
    yield "patterns-2000", _with('pattern: "^b+$"', f"pattern: [{many}]")


def _places() -> Iterator[Case]:
    """Yield folders in which something else than a file is where a config looks for one."""
    texts = _BASE.encode() + b"text: {folder: text/}\n"
    files = {**sound(), "config.yaml": texts, "text/abstract.md": b"Words.\n"}
    yield Case("text-folder", {**files, "text/drafts/x.md": b"x"}, "text/drafts")
    yield Case("text-nowhere", files, "text/methods.md", {"text/methods.md": "nowhere"})
    yield Case("text-itself", files, "text/methods.md", {"text/methods.md": "methods.md"})
    yield Case("text-pipe", files, "text/methods.md", pipes=("text/methods.md",))
    yield Case("text-proc", files, "text/methods.md", {"text/methods.md": "/proc/self/environ"})
    yield Case("text-zero", files, "text/methods.md", {"text/methods.md": "/dev/zero"})
    for name, content in {
        "binary": drawing(3).randbytes(3_000),
        "nul": b"a\0b",
        "open-tag": b"{{ " * 3_000,
        "braces": b"{% for a in b %}" * 500,
        "template": b"{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "nested": b"> " * 3_000 + b"x",
        "brackets": b"[" * 50_000,
        "stars": b"*a " * 30_000,
        "html": b"<script>alert(1)</script>",
        "link": b"[x](javascript:alert(1))",
        "image": b"![x](http://127.0.0.1/x.png)",
        "front": b"---\n" + b"place: &a [*a]\n" + b"---\nx",
        "bidi": "a \u202eb".encode(),
        "long": b"x" * 2_000_000,
    }.items():
        yield Case(f"text-{name}", {**files, "text/methods.md": content}, "text/methods.md")
    yield Case(
        "source-pipe", {**sound(), "config.yaml": _with("source: m.csv", "source: p.csv")}, "p.csv", pipes=("p.csv",)
    )
    yield Case(
        "source-loop", {**sound(), "config.yaml": _with("source: m.csv", "source: p.csv")}, "p.csv", {"p.csv": "p.csv"}
    )
    yield Case(
        "source-nowhere",
        {**sound(), "config.yaml": _with("source: m.csv", "source: p.csv")},
        "p.csv",
        {"p.csv": "nowhere"},
    )
    yield Case("config-pipe", sound(), pipes=("config.yaml",))
    yield Case("config-nowhere", sound(), links={"config.yaml": "nowhere"})
    yield Case("config-zero", sound(), links={"config.yaml": "/dev/zero"})
    yield Case("config-folder", {**sound(), "config.yaml/x": b""})
    yield Case(
        "site-pipe", {**sound(), "config.yaml": _BASE.encode(), "site/x": b""}, "site", pipes=("site/manifest.json",)
    )
    yield Case("site-link", {**sound(), "config.yaml": _BASE.encode()}, "site", {"site": "/etc"})
    yield Case(
        "site-manifest",
        {
            **sound(),
            "config.yaml": _BASE.encode(),
            "site/manifest.json": b'{"generator": "diptych x", "outputs": {"../../canary": {}}}',
        },
        "site",
    )


def _drawn_config(seed: int) -> Case:
    rng = drawing(1_000 + seed)
    if seed % 2:
        return Case(
            f"config-drawn-{seed}", {**sound(), "config.yaml": mutations.config(rng).encode("utf-8", "surrogatepass")}
        )
    whole = yaml.safe_load(_BASE)
    for _ in range(rng.randrange(1, 4)):
        holder, key = rng.choice(list(mutations._places(whole)))
        holder[key] = rng.choice(_STRANGE)(rng)
    whole.setdefault("outputs", ["data"])
    return Case(
        f"config-drawn-{seed}",
        {**sound(), "config.yaml": yaml.safe_dump(whole, allow_unicode=True).encode("utf-8", "surrogatepass")},
    )


_STRANGE: tuple[Callable[[random.Random], object], ...] = (
    lambda rng: rng.choice(list(_BAD_PATHS.values())),
    lambda rng: rng.choice(_HUGE),
    lambda rng: [rng.randrange(10) for _ in range(rng.randrange(3_000))],
    lambda rng: {f"k{n}": n for n in range(rng.randrange(300))},
    lambda rng: (
        "".join(chr(rng.choice((rng.randrange(32), rng.randrange(0x3000), rng.randrange(0x10FFFF)))) for _ in range(20))
        .encode("utf-8", "ignore")
        .decode()
    ),
    lambda rng: rng.choice((None, True, [], {}, [[[]]], 0, -1, 10**30)),
    lambda rng: "x" * rng.choice((300, 5_000, 100_000)),
)


# --- data --------------------------------------------------------------------------------------------------------------


def _linked(name: str, file: str, content: bytes, kind: str = "m", source: str | None = None) -> Case:
    """Return the project of links in which a file is that of one kind."""
    sources = {"d": "d.csv", "m": "m.csv", "k": "k.csv", kind: source or file}
    config = LINKED.format(**sources, outputs="[data]").encode()
    return Case(f"data-{name}", {**sound(), file: content, "config.yaml": config}, file)


def _recorded(name: str, file: str, content: bytes, source: str | None = None, outputs: str = "[data]") -> Case:
    """Return the project of records in which a file has the columns a, b and s."""
    config = RECORDED.format(x=source or file, outputs=outputs).encode()
    return Case(f"data-{name}", {file: content, "config.yaml": config}, file)


def _rows(labels: list[str], end: str = "\n") -> bytes:
    """Return records in which each label has all of the other side, in two strata."""
    rows = [(label, other, s) for label in labels for other in ("x", "y") for s in ("p", "q") for _ in range(3)]
    return mutations.as_csv([["a", "b", "s"], *map(list, rows)], end)


_MODELS = mutations.tables(drawing(0))["m"]


def _labels() -> Iterator[Case]:
    sorts = {
        "controls": [f"a{chr(n)}b" for n in (1, 7, 8, 11, 12, 27, 31, 127, 133, 155)],
        "bidi": [f"{mark}abc" for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"],
        "zero-width": ["NLP", "NL\u200bP", "NL\u200cP", "NL\u200dP", "NL\ufeffP", "NL\u2060P", "NL\xadP"],
        "spaces": ["a b", "a\xa0b", "a  b", "a\u2003b", "a\u3000b", "a\tb"],
        "lines": ["a\nb", "a\r\nb", "a\u2028b", "a\u2029b", "a\vb"],
        "noncharacters": ["a\ufffeb", "a\uffffb", "a\ufdd0b", "a\ufffcb", "a\U0010ffffb"],
        "formulas": ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"],
        "scripts": ["<script>alert(1)</script>", "</style>", "<img src=x onerror=alert(1)>", "&lt;", "]]>", "<!--"],
        "latex": ["\\input{/etc/passwd}", "\\write18{id}", "$x$", "%", "#1", "~^_{}"],
        "typst": ['#read("/etc/passwd")', '#eval("1")', "$x$", "@ref", "<label>", "= head"],
        "markdown": ["[x](javascript:alert(1))", "# head", "|a|b|", "```", "![x](http://x)", "***"],
        "templates": ["{{7*7}}", "{% raw %}", "${x}", "<%= x %>", "%(x)s", "{0.__class__}"],
        "rtl": ["עברית", "العربية", "فارسی می\u200cروم", "אב (123) ג", "abc אבג 12", "ר!"],
        "emoji": [
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "❤\ufe0f",
            "\U0001f3f4\U000e0067\U000e007f",
            "1\ufe0f\u20e3",
        ],
        "zalgo": ["a" + "\u0301" * 300, "b" + "\u0489" * 300, "\u0301"],
        "normal-forms": ["é", "e\u0301", "Å", "A\u030a", "\u212b", "ﬁ", "fi"],
        "names": ["constructor", "__proto__", "null", "NaN", "true", "undefined", "", " ", "0"],
        "paths": ["../../evil", "/etc/passwd", "C:\\x", "con", ".", ".."],
        "long": ["x" * 20_000, "y " * 10_000, "z" * 300],
        "cjk": ["数据集", "日本語", "한국어", "ไทย\u200bไทย"],
        "astral": ["\U0001d54f", "\U0002f80c", "\U000e0001"],
        "case": ["straße", "STRASSE", "ſ", "İ", "ı"],
    }
    for name, labels in sorts.items():
        yield _recorded(f"labels-{name}", "x.csv", _rows(labels), outputs="[html, markdown, paper, data]")
        yield _recorded(
            f"labels-{name}-json",
            "x.jsonl",
            "".join(json.dumps({"a": a, "b": b, "s": "p"}) + "\n" for a in labels for b in "xyxyx").encode(),
        )
        ids = [["id", "l"], *([label + str(n), "a"] for n, label in enumerate(labels * 3))]
        yield _linked(f"ids-{name}", "y.csv", mutations.as_csv(ids, "\n"))
    yield _recorded("labels-surrogates-json", "x.jsonl", b'{"a": "\\ud800", "b": "x", "s": "p"}\n' * 9)
    yield _recorded("labels-nul-json", "x.jsonl", b'{"a": "a\\u0000b", "b": "x", "s": "p"}\n' * 9)


def _delimited() -> Iterator[Case]:
    csv = mutations.as_csv(_MODELS, "\n")
    text = csv.decode()
    for codec in ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "shift-jis", "koi8-r", "utf-7"):
        yield _linked(f"csv-{codec}", "y.csv", text.encode(codec, "replace"))
    wrong = {
        "empty": b"",
        "one-byte": b"x",
        "bom": b"\xef\xbb\xbf",
        "header": b"id,l,day\n",
        "header-no-end": b"id,l,day",
        "no-end": csv.rstrip(b"\n"),
        "nul": csv.replace(b"m3", b"m\x003"),
        "nuls": b"\0" * 100_000,
        "crlf-mixed": csv.replace(b"\n", b"\r\n", 4),
        "cr": csv.replace(b"\n", b"\r"),
        "ragged": csv + b"m90,a\nm91,a,2026-01-01,x,y\n",
        "quote": csv + b'm90,"a,2026-01-01\n' * 5,
        "quotes": csv + b'"' * 100_001,
        "quote-middle": csv + b'm90,a"b"c,2026-01-01\n',
        "field-2mb": csv + b"m90," + b"x" * 2_000_000 + b",2026-01-01\n",
        "field-900kb": csv + b"m90," + b"x" * 900_000 + b",2026-01-01\n",
        "line-10mb": csv + b"x" * 10_000_000,
        "commas": b"id,l,day\n" + b"," * 1_000_000,
        "lines": b"id,l,day\n" + b"\n" * 1_000_000,
        "columns-20000": ",".join(f"c{n}" for n in range(20_000)).encode() + b"\n1\n",
        "columns-9000": b"id,l," + ",".join(f"c{n}" for n in range(9_000)).encode() + b"\nm1,a" + b",1" * 9_000 + b"\n",
        "header-twice": csv.replace(b"id,l,day", b"id,l,l"),
        "header-case": csv.replace(b"id,l,day", b"id,l,L"),
        "header-empty": csv.replace(b"id,l,day", b"id,l,"),
        "header-spaces": csv.replace(b"id,l,day", b"id,l, "),
        "header-long": csv.replace(b"day", b"d" * 100_000),
        "header-control": csv.replace(b"day", b"d\x07y"),
        "header-bidi": csv.replace(b"day", "\u202eday".encode()),
        "header-quote": csv.replace(b"day", b'"d""; drop table x; --"'),
        "header-html": csv.replace(b"day", b"<script>"),
        "separators": csv.replace(b",", b";"),
        "ids-twice": csv + csv.split(b"\n", 1)[1] * 3,
        "ids-empty": b"id,l,day\n" + b",a,2026-01-01\n" * 50,
        "binary": drawing(5).randbytes(20_000),
        "png": b"\x89PNG\r\n\x1a\n" + drawing(6).randbytes(5_000),
        "html": b"<!doctype html><title>404</title>" + b"<p>x</p>\n" * 100,
        "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n",
        "labels-many": b"id,l,day\n" + b"".join(b"q%d,l%d,2026-01-01\n" % (n, n) for n in range(50_000)),
        "labels-in-one": b"id,l,day\nm1," + b"|".join(b"l%d" % n for n in range(90_000)) + b",2026-01-01\n",
        "surrogates": csv.replace(b"m3", b"\xed\xa0\x80"),
        "one-column": b"id\nm1\nm2\n",
    }
    for name, content in wrong.items():
        yield _linked(f"csv-{name}", "y.csv", content)
    yield _linked("tsv-commas", "y.tsv", csv)
    yield _linked("csv-links-nowhere", "y.csv", b"s,t\n" + b"nobody,none\n" * 100, "k")
    yield _linked("csv-links-one", "y.csv", b"s,t\n" + b"d1,m1\n" * 20_000, "k")
    yield _linked("csv-links-empty", "y.csv", b"s,t\n,\n,m1\nd1,\n", "k")


def _json() -> Iterator[Case]:
    wrong = {
        "empty": b"",
        "list": b"[]",
        "object": b"{}",
        "number": b"1",
        "text": b'"x"',
        "null": b"null",
        "nan": b'[{"id": NaN, "l": "a"}]',
        "infinity": b'[{"id": 1e999, "l": "a"}]',
        "huge-number": b'[{"id": ' + b"9" * 10_000 + b', "l": "a"}]',
        "deep-list": b'[{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        "deep-object": b'[{"id": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}]",
        "deep-open": b"[" * 1_000_000,
        "twice": b'[{"id": "a", "id": "b", "l": "a"}]',
        "case": b'[{"id": "a", "ID": "b", "l": "a"}]',
        "cut": b'[{"id": "a", "l": "a"}, {"id": "b"',
        "comma": b'[{"id": "a", "l": "a"},]',
        "after": b'[{"id": "a", "l": "a"}] x',
        "comments": b'// x\n[{"id": "a", "l": "a"}]',
        "single-quotes": b"[{'id': 'a', 'l': 'a'}]",
        "bom": b'\xef\xbb\xbf[{"id": "a", "l": "a"}]',
        "utf-16": '[{"id": "a", "l": "a"}]'.encode("utf-16"),
        "surrogate": b'[{"id": "\\ud800", "l": "a"}]',
        "nul": b'[{"id": "a\\u0000b", "l": "a"}]',
        "raw-control": b'[{"id": "a\x01b", "l": "a"}]',
        "bad-escape": b'[{"id": "\\x41", "l": "a"}]',
        "long-key": b'[{"' + b"k" * 500_000 + b'": 1, "id": "a", "l": "a"}]',
        "many-keys": json.dumps([{f"k{n}": n for n in range(12_000)}]).encode(),
        "each-own-key": json.dumps([{"id": str(n), "l": "a", f"k{n}": 1} for n in range(3_000)]).encode(),
        "empty-key": b'[{"": 1, "id": "a", "l": "a"}]',
        "mixed": b'[{"id": "a", "l": "a"}, {"id": 1, "l": ["a"]}, {"id": null, "l": {"x": 1}}, {"id": true, "l": 2.5}]',
        "scalars": b'[1, "a", null]',
        "lists": b'[["id", "l"], ["a", "a"]]',
        "long-text": b'[{"id": "' + b"x" * 3_000_000 + b'", "l": "a"}]',
    }
    for name, content in wrong.items():
        yield _linked(f"json-{name}", "y.json", content)
        yield _linked(f"jsonl-{name}", "y.jsonl", content.strip(b"[]") if content.startswith(b"[{") else content)


def _packed() -> Iterator[Case]:
    csv = mutations.as_csv(_MODELS, "\n")
    for ending, pack in (("gz", gzip.compress), ("zst", zstd.compress)):
        whole = pack(csv)
        yield _linked(f"{ending}-cut", f"y.csv.{ending}", whole[: len(whole) // 2])
        yield _linked(f"{ending}-head", f"y.csv.{ending}", whole[:4])
        yield _linked(f"{ending}-empty", f"y.csv.{ending}", b"")
        yield _linked(f"{ending}-plain", f"y.csv.{ending}", csv)
        yield _linked(f"{ending}-after", f"y.csv.{ending}", whole + b"garbage" * 10)
        yield _linked(f"{ending}-twice", f"y.csv.{ending}", pack(whole))
        yield _linked(f"{ending}-parts", f"y.csv.{ending}", whole + pack(b"m80,a,2026-01-01\n"))
        yield _linked(f"{ending}-bomb", f"y.csv.{ending}", pack(b"id,l,day\n" + b"x,a,2026-01-01\n" * 2_000_000))
        yield _linked(f"{ending}-line", f"y.csv.{ending}", pack(csv + b"x" * 9_000_000))
        yield _linked(f"{ending}-jsonl", f"y.jsonl.{ending}", pack(b'{"id": "' + b"x" * 9_000_000))
        yield _linked(f"{ending}-parquet", f"y.parquet.{ending}", pack(as_parquet(_MODELS)))
    yield _linked("zip", "y.zip", _zipped({"m.csv": csv}))
    yield _linked("zip-as-csv", "y.csv", _zipped({"m.csv": csv}))
    yield _linked("csv-zip", "y.csv.zip", _zipped({"../../evil.csv": csv}))
    yield _linked("tar-gz", "y.tar.gz", gzip.compress(csv))


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


_SHEET_HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _workbook(cells: Mapping[str, str], **changed: str | None) -> bytes:
    """Return a workbook of texts by cell; `changed` are parts that are otherwise (None: absent), by a short name."""
    rows = "".join(
        f'<row><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>' for place, text in cells.items()
    )
    parts: dict[str, str | None] = {
        "types": _CONTENT_TYPES,
        "rels": f'{_RELATIONS}Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "workbook": (
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "links": f'{_RELATIONS}Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "sheet": f"{_SHEET_HEAD}{rows}</sheetData></worksheet>",
        **changed,
    }
    places = {
        "types": "[Content_Types].xml",
        "rels": "_rels/.rels",
        "workbook": "xl/workbook.xml",
        "links": "xl/_rels/workbook.xml.rels",
        "sheet": "xl/worksheets/sheet1.xml",
    }
    return _zipped({places.get(name, name): text.encode() for name, text in parts.items() if text is not None})


_TABLE = {"A1": "id", "B1": "l", "A2": "m1", "B2": "a", "A3": "m2", "B3": "b"}
_LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a0 'xxxxxxxxxx'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)


def _workbooks() -> Iterator[Case]:
    whole = _workbook(_TABLE)
    sheet = f"{_SHEET_HEAD}CELLS</sheetData></worksheet>"
    wrong = {
        "sound": whole,
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "not-zip": b"PK\x03\x04" + drawing(8).randbytes(3_000),
        "csv": b"id,l\nm1,a\n",
        "no-workbook": _workbook(_TABLE, workbook=None),
        "no-sheet": _workbook(_TABLE, sheet=None),
        "no-links": _workbook(_TABLE, links=None),
        "no-types": _workbook(_TABLE, types=None),
        "not-xml": _workbook(_TABLE, sheet="<worksheet><sheetData><row><c"),
        "laughs-workbook": _workbook(_TABLE, workbook=f"{_LAUGHS}<workbook>&a9;</workbook>"),
        "laughs-sheet": _workbook(
            _TABLE, sheet=f"{_LAUGHS}<worksheet><sheetData><row><c><v>&a9;</v></c></row></sheetData></worksheet>"
        ),
        "external": _workbook(
            _TABLE, sheet="<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><worksheet>&e;</worksheet>"
        ),
        "far": _workbook({**_TABLE, "XFD1048576": "x"}),
        "far-row": _workbook({**_TABLE, "A1048576": "x"}),
        "bad-place": _workbook({**_TABLE, "ZZZZ99999999": "x"}),
        "bad-number": _workbook(
            _TABLE, sheet=sheet.replace("CELLS", '<row><c r="A1"><v>1e999</v></c><c r="B1"><v>x</v></c></row>')
        ),
        "bad-string": _workbook(_TABLE, sheet=sheet.replace("CELLS", '<row><c r="A1" t="s"><v>999999</v></c></row>')),
        "bad-date": _workbook(_TABLE, sheet=sheet.replace("CELLS", '<row><c r="A1" t="d"><v>9999999</v></c></row>')),
        "error-cells": _workbook(_TABLE, sheet=sheet.replace("CELLS", '<row><c r="A1" t="e"><v>#REF!</v></c></row>')),
        "no-cells": _workbook({}),
        "one-cell": _workbook({"A1": "id"}),
        "bomb": _workbook({**_TABLE, "A4": "x" * 30_000_000}),
        "outside": _workbook(
            _TABLE, links=f'{_RELATIONS}Type="{_OFFICE}/worksheet" Target="../../../../etc/passwd"/></Relationships>'
        ),
        "network": _workbook(
            _TABLE,
            links=f'{_RELATIONS}Type="{_OFFICE}/worksheet" TargetMode="External" Target="http://127.0.0.1:9/"/></Relationships>',
        ),
        "evil-part": _workbook(_TABLE, **{"../../../evil": "x"}),
        "controls": _workbook({**_TABLE, "B4": "a&#7;b", "A4": "m3"}),
        "escapes": _workbook({**_TABLE, "B4": "_x0007_", "A4": "m3"}),
        "bidi": _workbook({**_TABLE, "B4": "\u202ea", "A4": "m3"}),
        "formula": _workbook({**_TABLE, "B4": "=1+1", "A4": "m3"}),
    }
    for name, content in wrong.items():
        yield _linked(f"xlsx-{name}", "y.xlsx", content)
    rng = drawing(9)
    for number in range(12):
        yield _linked(f"xlsx-flipped-{number}", "y.xlsx", _flipped(whole, rng))


def _flipped(content: bytes, rng: random.Random, most: int = 12) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randrange(1, most)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


@cache
def _database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.sqlite"
        with sqlite3.connect(path) as made:
            made.execute("create table t (id text, l text)")
            made.executemany("insert into t values (?, ?)", [(f"m{n}", "a") for n in range(40)])
            for statement in statements:
                made.execute(statement)
        made.close()
        return path.read_bytes()


def _databases() -> Iterator[Case]:
    whole = _database()

    def case(name: str, content: bytes, table: str = "t") -> Case:
        return _linked(f"sqlite-{name}", "y.sqlite", content, source=f"{{database: y.sqlite, table: {table}}}")

    yield case("sound", whole)
    yield case("empty", b"")
    yield case("cut", whole[: len(whole) // 2])
    yield case("head", whole[:100])
    yield case("csv", b"id,l\nm1,a\n")
    yield case("no-table", whole, "nobody")
    yield case("table-quote", whole, "'t\"; drop table t; --'")
    yield case("table-nul", whole, r'"t\0"')
    yield case("schema", whole, "sqlite_master")
    yield case("blobs", _database("insert into t values (x'00ff00ff', x'c3')"))
    yield case("bad-text", _database("insert into t values (cast(x'80ff' as text), cast(x'c328' as text))"))
    yield case("nul-text", _database("insert into t values ('a' || char(0) || 'b', 'a')"))
    yield case("bidi", _database("insert into t values ('m99', char(8238) || 'a')"))
    yield case("huge-field", _database("insert into t values ('m99', replace(hex(zeroblob(1500000)), '0', 'x'))"))
    yield case("view", _database("create view v as select * from t"), "v")
    yield case(
        "endless-view",
        _database(
            "create view v as with recursive c(id, l) as (select '1', 'a' union all select id || '', l from c) select * from c"
        ),
        "v",
    )
    yield case("endless-schema", _database("create view v as select * from v"), "v")
    yield case("function", _database("create view v as select load_extension('x') as id, 'a' as l"), "v")
    yield case("many-columns", _database("create table w (" + ", ".join(f"c{n}" for n in range(1_900)) + ")"), "w")
    rng = drawing(10)
    for number in range(12):
        yield case(f"flipped-{number}", _flipped(whole, rng, 60))
    yield case("duckdb", drawing(11).randbytes(8) + b"DUCK" + drawing(12).randbytes(5_000))


def _parquets() -> Iterator[Case]:
    whole = as_parquet(_MODELS)
    length = struct.unpack("<I", whole[-8:-4])[0]
    yield _linked("parquet-empty", "y.parquet", b"")
    yield _linked("parquet-magic", "y.parquet", b"PAR1PAR1")
    yield _linked("parquet-cut", "y.parquet", whole[: len(whole) // 2])
    yield _linked("parquet-no-end", "y.parquet", whole[:-4])
    yield _linked("parquet-csv", "y.parquet", b"id,l\nm1,a\n")
    for name, size in (("long", 2**31 - 1), ("negative", 2**32 - 1), ("zero", 0), ("short", max(length - 9, 0))):
        yield _linked(f"parquet-footer-{name}", "y.parquet", whole[:-8] + struct.pack("<I", size) + b"PAR1")
    yield _linked("parquet-encrypted", "y.parquet", whole[:-4] + b"PARE")
    rng = drawing(13)
    for number in range(25):
        at = len(whole) - 8 - length
        footer = _flipped(whole[at:-8], rng, 6)
        yield _linked(f"parquet-footer-flipped-{number}", "y.parquet", whole[:at] + footer + whole[-8:])
    for number in range(10):
        yield _linked(f"parquet-flipped-{number}", "y.parquet", _flipped(whole, rng))


def _drawn_data(seed: int) -> Case:
    rng = drawing(20_000 + seed)
    kind = rng.choice("dmk")
    rows = mutations.tables(rng)[kind]
    form = rng.choice(["csv", "tsv", "json", "jsonl", "csv.gz", "jsonl.gz", "csv.zst", "parquet", "xlsx"])
    if form in ("parquet", "xlsx"):
        made = (
            as_parquet(rows)
            if form == "parquet"
            else _workbook(
                {
                    f"{'ABC'[c]}{r + 1}": v.replace("&", "").replace("<", "")
                    for r, row in enumerate(rows)
                    for c, v in enumerate(row)
                }
            )
        )
        return _linked(f"drawn-{seed}", f"y.{form}", _flipped(mutations.damaged(made, rng) or b"x", rng), kind)
    base, _, packing = form.partition(".")
    if base in ("csv", "tsv"):
        whole = mutations.as_csv(rows, rng.choice(["\n", "\r\n", "\r"]))
        whole = whole.replace(b",", b"\t") if base == "tsv" else whole
    else:
        whole = mutations.as_json(rows, rng, lines=base == "jsonl")
    content = mutations.damaged(mutations.damaged(whole, rng), rng)
    return _linked(f"drawn-{seed}", f"y.{form}", mutations.packed(content, packing, rng) if packing else content, kind)
