"""Characters in a config that are no text, or that turn text around, are errors with their place."""

import time

import pytest

from diptych.config.loading import load_text
from diptych.config.nodes import decode
from diptych.errors import ConfigError

START = "version: 1\nreport: {title: T}\n"
RECORDS = "relations: {r: {records: {source: {path: x.csv, delimiter: DELIMITER}, rows: a, columns: b}}}\n"


def said(text, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_text(text, tmp_path / "config.yaml")
    return [message.partition("config.yaml:")[2] for message in caught.value.messages]


@pytest.mark.parametrize(
    ("escape", "why"),
    [
        ("\\ud800", "U+D800 is not text"),
        ("\\uffff", "U+FFFF is not text"),
        ("\\U0001fffe", "U+1FFFE is not text"),
        ("\\x07", "U+0007 cannot be seen or printed"),
        ("\\x90", "U+0090 cannot be seen or printed"),
        ("\\u202e", "U+202E reorders the text around it"),
        ("\\u2067", "U+2067 reorders the text around it"),
    ],
)
def test_a_title_and_a_label(tmp_path, escape, why):
    title = (
        START.replace("T}", f'"a{escape}b"}}')
        + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    )
    assert said(title, tmp_path) == [f"2:17: report.title: the character {why}; remove it"]
    label = title.replace(f'"a{escape}b"', "T").replace("rows: {column: a}", f'rows: {{column: a, label: "{escape}"}}')
    assert said(label, tmp_path) == [f"4:67: relations.r.records.rows.label: the character {why}; remove it"]


def test_half_a_pair_in_a_separator_and_in_a_key(tmp_path):
    text = (
        START
        + 'taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a, separator: "\\ud83d"}, columns: {column: b}}}}\n'
    )
    assert said(text, tmp_path) == [
        "4:71: relations.r.records.rows.separator: the character U+D83D is not text; remove it"
    ]
    assert "5:1: the character U+D800 is not text; remove it" in said(
        text.replace("\\ud83d", ";") + '"\\ud800": 1\n', tmp_path
    )


def test_control_characters_may_separate_data(tmp_path):
    text = (
        START
        + 'taxonomy: {}\nrelations: {r: {records: {source: {path: x.csv, delimiter: "\\x01"}, rows: {column: a, separator: "\\x1f"}, columns: {column: b}}}}\n'
    )
    assert load_text(text, tmp_path / "config.yaml").config.relations["r"].records.rows.separator == "\x1f"


def test_marks_of_direction_may_stand_in_a_title(tmp_path):
    text = (
        START.replace("T}", '"עברית\\u200f!"}')
        + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    )
    assert load_text(text, tmp_path / "config.yaml").config.report.title.endswith("\u200f!")


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\ufdd0", "\ufffc"])
def test_raw_characters_are_refused_in_configs_and_texts(tmp_path, character):
    with pytest.raises(ConfigError) as caught:
        decode(f"a\n b{character}c".encode(), "text/abstract.md")
    assert caught.value.messages[0].startswith(f"text/abstract.md:2:3: the character U+{ord(character):04X} ")


def test_a_name_that_is_too_long_for_a_file(tmp_path):
    name = "x" * 101
    text = (
        START
        + f"taxonomy: {{}}\nrelations: {{{name}: {{records: {{source: x.csv, rows: {{column: a}}, columns: {{column: b}}}}}}}}\n"
    )
    [message] = said(text, tmp_path)
    assert message.endswith("needs at most 100 characters")
    assert load_text(text.replace(name, name[1:]), tmp_path / "config.yaml")


def test_a_long_text_takes_no_time_to_check(tmp_path):
    text = (
        START.replace("T}", "x" * 100_000 + "}")
        + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    )
    began = time.process_time()
    load_text(text, tmp_path / "config.yaml")
    assert time.process_time() - began < 3


@pytest.mark.parametrize("address", ["https://me:secret@x.example/", "hub+x://a@b", "x s3://a@b"])
def test_what_stands_before_at_in_an_address_is_still_refused(tmp_path, address):
    text = (
        START
        + f"taxonomy: {{}}\nurl: '{address}'\nrelations: {{r: {{records: {{source: x.csv, rows: {{column: a}}, columns: {{column: b}}}}}}}}\n"
    )
    assert any("must not contain a user name" in message for message in said(text, tmp_path))


def test_an_id_that_windows_keeps_for_a_device(tmp_path):
    text = START + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    text += "panels: [{id: con, relation: r, given: rows, outcome: columns}]\n"
    assert said(text, tmp_path) == [
        '5:11: panels[0].id: "con" is a name that Windows keeps for a device; choose another id'
    ]
