"""What tests of commands share."""

import sys

import pytest

from report.cli import main


@pytest.fixture
def here(capfd, monkeypatch, tmp_path):
    """Return a function that runs a command in this process and in `tmp_path`."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["diptych", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run
