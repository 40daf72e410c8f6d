"""Files that are no config at all: every message whole, with line and column."""

from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.errors import ConfigError

CASES = [
    ("nothing in it", "", ["config.yaml: is empty; a config begins with version: 1"]),
    ("only comments", "# a config\n", ["config.yaml: is empty; a config begins with version: 1"]),
    ("only null", "~\n", ["config.yaml: is empty; a config begins with version: 1"]),
    (
        "a list at the top",
        "- version: 1\n",
        ["config.yaml:1:1: a config is a mapping of keys such as version: 1, report: …"],
    ),
    ("text at the top", "version\n", ["config.yaml:1:1: a config is a mapping of keys such as version: 1, report: …"]),
    ("a tab", "version: 1\nreport:\n\ttitle: T\n", ["config.yaml:3:1: a tab; YAML is indented with spaces"]),
    ("a tab after a key", "version:\t1\n", ["config.yaml:1:9: a tab; YAML is indented with spaces"]),
    (
        "a key written twice",
        "version: 1\nreport: {title: T}\nreport: {title: U}\n",
        [
            "config.yaml: relations: is required and missing",
            "config.yaml:3:1: report: is written twice; first at line 2, column 1",
        ],
    ),
    (
        "a list never closed",
        "report: {authors: [a, b}\n",
        ['config.yaml:1:24: the list that begins at line 1, column 19 needs "," or "]" before "}"'],
    ),
    (
        "a mapping never closed",
        "report: {title: T\nversion: 1\n",
        ['config.yaml:2:8: the mapping that begins at line 1, column 9 needs "," or "}" before ":"'],
    ),
    (
        "a quote never closed",
        'report: {title: "T}\nversion: 1\n',
        ["config.yaml:3:1: the quote that begins at line 1, column 17 is never closed"],
    ),
    (
        "a key without its colon",
        "version: 1\nreport\nurl: x\n",
        ['config.yaml:2:1: a key needs ":" and a space after it, on the same line'],
    ),
    (
        "a colon within text",
        "report:\n  title: Models: the data\n",
        [
            'config.yaml:2:16: a second ": " on this line, or a line indented too far; put text that contains ": " in quotes'
        ],
    ),
    (
        "indentation that does not line up",
        "report:\n    title: T\n  subtitle: U\n",
        [
            "config.yaml:3:3: does not line up with the lines above: entries of one mapping or list begin in the same column"
        ],
    ),
    (
        "a list entry in the line of its key",
        "panels: - a\n",
        ['config.yaml:1:9: a list entry ("- …") cannot be used here; begin it on a line of its own'],
    ),
    ("an unknown alias", "report: *title\n", ["config.yaml:1:9: *title refers to nothing: there is no &title above"]),
    (
        "text that begins with @",
        "report: {title: @T}\n",
        ["config.yaml:1:17: text cannot begin with @; put it in quotes"],
    ),
    (
        "a backslash between double quotes",
        'report: {title: "a\\d"}\n',
        ["config.yaml:1:20: \\d means nothing between double quotes; use single quotes"],
    ),
    (
        "an escape beyond Unicode",
        'report: {title: "\\UFFFFFFFF"}\n',
        ["config.yaml:1:20: an escape between double quotes names no character; use single quotes"],
    ),
    (
        "several documents",
        "version: 1\n---\nversion: 1\n",
        ["config.yaml:2:1: the file contains several documents (---); a config is one"],
    ),
    (
        "a merge key",
        "version: 1\nreport: &r {title: T}\nexpect: {<<: *r}\n",
        [
            "config.yaml: relations: is required and missing",
            "config.yaml:3:10: expect: merge keys (<<) are not read; write the keys out",
        ],
    ),
    (
        "a Python tag",
        "version: !!python/object/apply:os.system [ls]\n",
        [
            "config.yaml: relations: is required and missing",
            "config.yaml: report: is required and missing",
            "config.yaml:1:1: version: needs 1, not a list of one entry",
            "config.yaml:1:10: version: tags (!!python/object/apply:os.system) are not read; remove it",
        ],
    ),
    (
        "a tag of one's own",
        "version: 1\nreport: !mine {title: T}\n",
        [
            "config.yaml: relations: is required and missing",
            "config.yaml:2:9: report: tags (!mine) are not read; remove it",
        ],
    ),
    ("a tag handle that is not declared", "version: !a!b 1\n", ["config.yaml:1:10: tags (!…) are not read; remove it"]),
    (
        "a key that is a list",
        "[a, b]: 1\n",
        [
            "config.yaml: relations: is required and missing",
            "config.yaml: report: is required and missing",
            "config.yaml: version: is required and missing",
            "config.yaml:1:1: a key must be text, not a list or mapping",
        ],
    ),
    ("a key that is missing", "version: 1\n: x\n", ['config.yaml:2:1: a key is missing before ":"']),
    (
        "an alias within what it names",
        "report: &r {title: *r}\n",
        ["config.yaml:1:9: this contains itself by an alias (*name); write it out"],
    ),
    (
        "a billion laughs",
        "a: &a ["
        + "x," * 10
        + "]\n"
        + "".join(f"{b}: &{b} [" + f"*{a}," * 10 + "]\n" for a, b in ["ab", "bc", "cd", "de"]),
        ["config.yaml:1:10: aliases (*name) repeat more than 10,000 values; write them in fewer places"],
    ),
    ("brackets too deep", "report: " + "[" * 50, ["config.yaml:1:48: brackets or indentation deeper than 40 levels"]),
    (
        "a control character",
        "version: 1\nreport: {title: a\x07b}\n",
        ["config.yaml:2:18: the character U+0007 cannot be used in YAML; remove it"],
    ),
    (
        "a NUL character",
        "version: 1\x00\n",
        ["config.yaml:1:11: the character U+0000 cannot be used in YAML; remove it"],
    ),
]


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_wrong_with_the_yaml(problems_of, text, lines):
    assert problems_of(text) == lines


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (
            b"report: {title: caf\xe9}\n",
            ["config.yaml:1:20: byte 0xE9 (number 20) is not UTF-8; save the file as UTF-8"],
        ),
        (
            "a: b\nc: \u00e9\n".encode() + b"\xff",
            ["config.yaml:3:1: byte 0xFF (number 12) is not UTF-8; save the file as UTF-8"],
        ),
        ("version: 1".encode("utf-16"), ["config.yaml:1:1: is UTF-16; save it as UTF-8"]),
        (b"#" * 1_000_001, ["config.yaml: is larger than 1 MB; is this the config file?"]),
    ],
    ids=["latin-1", "a byte at the end", "utf-16", "too large"],
)
def test_what_is_wrong_with_the_bytes(problems_of, raw, lines):
    assert problems_of(raw) == lines


def test_a_file_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^config\.yaml: there is no such file$"):
        load_config(Path("config.yaml"))


def test_a_file_of_a_similar_name_is_pointed_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yml").touch()
    with pytest.raises(ConfigError, match=r'^config\.yaml: there is no such file \(did you mean "config\.yml"\?\)$'):
        load_config(Path("config.yaml"))


def test_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^\.: is a folder; name the YAML file in it$"):
        load_config(Path())
