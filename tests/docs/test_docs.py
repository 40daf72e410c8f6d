"""The documents are true: links resolve, configs load, figures are those of the data."""

import json
import re
from pathlib import Path

import pytest

from diptych.config.loading import json_schema, load_config

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md"), *ROOT.glob("data/**/*.md")]
)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_resolves(page):
    targets = [target for target, _ in LINK.findall(without_code(page.read_text(encoding="utf-8")))]
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_whole_config_in_a_page_loads(page, tmp_path):
    for number, text in enumerate(YAML.findall(page.read_text(encoding="utf-8"))):
        if "version: 1" in text:
            path = tmp_path / f"{number}.yaml"
            path.write_text(text, encoding="utf-8")
            load_config(path)


def test_the_committed_schema_is_that_of_the_settings():
    committed = json.loads((ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema()


def test_the_readme_names_the_commands_that_there_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
