"""The YAML parser's complaints, in words that say what to do."""

from __future__ import annotations

import re

import yaml

from ..errors import Problem

_TOKENS = {
    "<block end>": "the end of an indented part",
    "<block mapping start>": "keys indented further",
    "<block sequence start>": "a list",
    "<block sequence entry>": "a list entry (-)",
    "<document end>": "the end of the document (...)",
    "<document start>": "a new document (---)",
    "<scalar>": "text",
    "<stream end>": "the end of the file",
    "?": "a key",
}

_INDENT = "does not line up with what is above: entries of one mapping or list begin in the same column"
_WORDS: tuple[tuple[str, str], ...] = (
    (r"found character '\\t'", "a tab; YAML is indented with spaces"),
    (r"found character '([@`%])'", "text cannot begin with {0}; put it in quotes"),
    (r"found character", "this character cannot begin an entry; put the text in quotes"),
    (r"could not find expected ':'", 'a key needs ":" and a space after it, on the same line'),
    (r"sequence entries are not allowed here", 'a list entry ("- …") cannot stand here; begin it on a line of its own'),
    (r"mapping keys are not allowed here", "a key cannot stand here; begin it on a line of its own"),
    (
        r"mapping values are not allowed here",
        'a second ": " on this line, or a line indented too far; put text that holds ": " in quotes',
    ),
    (r"unknown escape character '(.*)'", "\\{0} means nothing between double quotes; use single quotes"),
    (r"hexadecimal numbers", "an escape between double quotes lacks digits; use single quotes"),
    (r"unexpected end of stream", "the quote that begins {context} is never closed"),
    (r"unexpected document separator", "the quote that begins {context} is never closed"),
    (r"expected '<document start>', but found '(.*)'", "{token} cannot follow what is above"),
    (r"expected a single document", "the file holds several documents (---); a config is one"),
    (r"but found another document", "the file holds several documents (---); a config is one"),
    (r"undefined alias '(.*)'", "*{0} stands for nothing: there is no &{0} above"),
    (r"undefined tag handle", "tags (!…) are not read; remove it"),
    (r"the node content, but found '(.*)'", "a value is missing here; there is {token}"),
    (r"expected <block end>, but found ':'", 'a key is missing before ":"'),
    (r"expected <block end>, but found", _INDENT),
    (r"expected ',' or '\]', but got '(.*)'", 'the list that begins {context} needs "," or "]" before {token}'),
    (r"expected ',' or '\}', but got '(.*)'", 'the mapping that begins {context} needs "," or "}}" before {token}'),
    (r"indentation indicator|chomping", 'only "|", ">", "|-" or ">-" and a line break begin a block of text'),
    (r"comment or a line break", "a line break is needed here"),
)
_PARTS = (
    ("directive", "lines that begin with % are not read; remove this one"),
    ("YAML directive", "lines that begin with % are not read; remove this one"),
    ("tag", "tags (!…) are not read; remove it"),
    ("anchor", "an anchor (&name) or alias (*name) needs a name of letters and digits; or put the text in quotes"),
    ("alias", "an anchor (&name) or alias (*name) needs a name of letters and digits; or put the text in quotes"),
)


def syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    """Return what the parser found wrong, where, in our words."""
    # a key without its colon is noticed lines later: what matters is where the key stands
    unfinished = "expected ':'" in (error.problem or "")
    mark = error.context_mark if unfinished else error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(file, line, column, "", _words(error))


def _words(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context or ''} {error.problem or ''}"
    for pattern, words in _WORDS:
        found = re.search(pattern, said)
        if found:
            named = found.groups() or ("",)
            token = _TOKENS.get(named[0], f'"{named[0]}"')
            return words.format(*named, token=token, context=_begin(error.context_mark))
    for part, words in _PARTS:
        if part in said:
            return words
    return "this is not YAML: look at the indentation, brackets and quotes just before"


def _begin(mark: yaml.Mark | None) -> str:
    return f"at line {mark.line + 1}, column {mark.column + 1}" if mark else "above"
