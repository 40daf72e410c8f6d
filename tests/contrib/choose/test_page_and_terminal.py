"""Page, static file and terminal show what a report says; nothing personal and no small number leaves the machine."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest

from diptych.contrib.choose.choice import Group
from diptych.contrib.choose.form import choice_of, fields_of
from diptych.contrib.choose.page import page, pair_table
from diptych.contrib.choose.reading import read_table
from diptych.contrib.choose.serving import Site
from diptych.contrib.choose.session import Session
from diptych.contrib.choose.telling import shown
from diptych.contrib.choose.terminal import Dialogue, Quit
from diptych.contrib.serve.server import LocalServer
from diptych.pipeline.parts import draft

from .test_same_numbers import write_survey


@pytest.fixture
def session(tmp_path: Path) -> Session:
    write_survey(tmp_path / "survey.csv", 3)
    return Session(read_table(str(tmp_path / "survey.csv")))


class Served(LocalServer):
    """A server of the page of a session."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.routes)
        self.site = site


@pytest.fixture
def server(session: Session, tmp_path: Path) -> Iterator[Served]:
    server = Served(Site(session, tmp_path / "config.yaml"))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def asked(server: Served, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    body = None if fields is None else urlencode(fields)
    connection.request("GET" if fields is None else "POST", f"/{server.token}/{path}", body)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_every_change_of_the_form_changes_sentence_and_config_alike(server: Served, tmp_path: Path) -> None:
    session = server.site.session
    card = next(session.partners(3))
    fields = fields_of(session.profile, card.choice) | {
        "unit": "guest",
        "given.phrase": "are {}",
        "answer.phrase": "cook {}",
    }
    fields |= {"answer.groups": "0,1;2;3", "answer.name.0": "hardly ever"}
    view, config = json.loads(asked(server, "shown", fields)[1])
    told = shown(session.profile, choice_of(session.ranking, fields))
    assert told.title in view
    path = tmp_path / "other.yaml"
    path.write_text(config)
    (part,) = draft(path).parts
    assert part.words.title.text == told.title
    assert "hardly ever" in part.told.table.columns
    status, form = asked(server, "choice", fields | {"act": "split.answer.0"})
    assert status == 200
    assert 'name="answer.groups" value="0;1;2;3"' in form


@pytest.mark.parametrize(
    "wrong",
    [
        {"given.question": "999", "answer.question": "1"},
        {"given.question": "1", "answer.question": "1"},
        {"given.question": "x", "answer.question": ""},
        {},
    ],
)
def test_wrong_fields_are_told_and_nothing_breaks(server: Served, wrong: dict[str, str]) -> None:
    for path in ("choice", "shown", "write"):
        status, text = asked(server, path, wrong)
        assert status == 200
        assert "Traceback" not in text
    assert not server.site.target.exists()


def test_faults_are_told_at_once_and_stop_the_config(server: Served) -> None:
    fields = fields_of(server.site.session.profile, next(server.site.session.partners(3)).choice)
    fields |= {"answer.phrase": "no place for the answer", "given.label": " ", "answer.groups": "0"}
    view, config = json.loads(asked(server, "shown", fields)[1])
    assert config == ""
    assert view.count("<li>") == 3


def test_the_config_is_written_once(server: Served) -> None:
    site = server.site
    fields = fields_of(site.session.profile, next(site.session.partners(3)).choice)
    said, done = json.loads(asked(server, "write", fields)[1])
    assert done
    assert site.written.is_set()
    assert str(site.target) in said
    site.target.write_text("edited")
    said, done = json.loads(asked(server, "write", fields)[1])
    assert not done
    assert "is there already" in said
    assert site.target.read_text() == "edited"


def test_the_file_has_no_row_nothing_personal_and_no_small_number(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    write_survey(path, 5)
    lines = path.read_text().splitlines()
    mails = [f"person{n}@example.org" for n in range(len(lines) - 1)]
    names = [f"Ann Smith{n}" for n in range(len(lines) - 1)]
    lines = [
        f'{lines[0]},"e-mail","full name"',
        *(f'{line},"{m}","{n}"' for line, m, n in zip(lines[1:], mails, names, strict=True)),
    ]
    path.write_text("\n".join(lines))
    session = Session(read_table(str(path)))
    text = page(session, is_live=False) + pair_table(session)
    assert not [one for one in (*mails, *names) if one in text]
    shares = re.findall(r">(\d+)%<", text)
    assert shares == []  # thumbnails have shades alone
    for about in range(len(session.profile.questions)):
        for card in session.partners(about):
            if card.shown is not None:
                safe = card.shown.safe()
                assert (card.shown.counts[safe] >= 10).all()
                if card.shown.is_exclusive:
                    assert ((~safe).sum(axis=1) != 1).all()


def test_the_page_asks_nobody_and_names_cannot_be_markup(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    names = ['</script><script>alert("1")</script>', "\u202egnp.exe", "=cmd()"]
    rows = [",".join((str(n % 2), str(n % 3), ("<b>x</b>", "\u202eab")[n % 2])) for n in range(90)]
    path.write_text(
        "\n".join([",".join('"' + name.replace('"', '""') + '"' for name in names), *rows]), encoding="utf-8"
    )
    session = Session(read_table(str(path)))
    text = page(session, is_live=False)
    assert text.count("<script") == 1
    assert "<b>x" not in text
    assert "\u202e" not in text
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)


def answers(*typed: str) -> Iterator[str]:
    yield from typed


def dialogue(session: Session, *typed: str) -> tuple[Dialogue, list[str]]:
    given, lines = answers(*typed), list[str]()

    def ask(prompt: str) -> str:
        lines.append(prompt)
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    return Dialogue(session, ask, lines.append), lines


def test_the_terminal_leads_to_the_choice_that_its_sentence_shows(session: Session) -> None:
    talk, lines = dialogue(
        session, "cook", "sex", "u", "guest", "", "p", "cook {}", "are {}", "j", "", "1, 3", "now and then",
        "l", "", "3", "l", "", "3", "o", "", "2", "j", "", "9 1", "")  # fmt: skip
    choice = talk.run()
    assert choice.answer.phrase == "cook {}"
    assert choice.answer.groups == (Group((1,)), Group((0, 2), "now and then"), Group((3,)))
    assert "nothing changed" in "\n".join(lines)
    assert shown(session.profile, choice).title in "\n".join(lines).replace("\n", " ")


def test_the_terminal_corrects_letters_and_ends_when_asked(session: Session) -> None:
    talk, lines = dialogue(session, "coook", "q")
    with pytest.raises(Quit):
        talk.run()
    assert any("cook" in line for line in lines if "coook" in line)
    talk, lines = dialogue(
        session, "cook", "1", "p", "no place", "", "", "p", "cook {}", "", "b", "s", "w", "g", "nothing there"
    )
    with pytest.raises(Quit):
        talk.run()
    assert any("is no verb phrase" in line for line in lines)
    assert any("no column nothing there" in line for line in lines)
