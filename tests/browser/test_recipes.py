"""The recipes of docs/homes.md, followed word for word: what a reader of the built site meets.

MkDocs is tested by day, the others at night. `.ci/generators` installs them into the folder DIPTYCH_GENERATORS. If it is
set, a generator that is missing is an error.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest

from diptych.pipeline import build
from tests.browser.test_front_matter_styles import HOST, WITHIN, equal
from tests.browser.test_site_fragments import NAMES
from tests.browser.waiting import resized
from tests.doc_pages import section
from tests.draws import by_night
from tests.world import write

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SURVEY = ROOT / "examples" / "survey"
TITLE = "Which skills go with which jobs"
GENERATORS = Path(os.environ.get("DIPTYCH_GENERATORS") or "/nowhere")
NODE_MODULES = GENERATORS / "node_modules"
BINARIES = (Path(sys.executable).parent, GENERATORS / "generators" / "bin", GENERATORS / "jupyter-book" / "bin")
PATH = os.pathsep.join([*map(str, BINARIES), os.environ.get("PATH", "")])

RECIPE = re.compile(r"^### ([^\n]+)\n(.*?)(?=^### )", re.MULTILINE | re.DOTALL)
FILE = re.compile(r'^(```+)\w+ title="([^"]+)"\n(.*?)^\1$', re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

LAYOUT = "<!doctype html><html lang=en><head><meta charset=utf-8><title>x</title></head><body><main>{}</main></body></html>\n"
STARLIGHT = """\
import { defineCollection } from "astro:content";
import { docsLoader } from "@astrojs/starlight/loaders";
import { docsSchema } from "@astrojs/starlight/schema";
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
"""
HUGO = LAYOUT.format("<nav>{{ .TableOfContents }}</nav><h1>{{ .Title }}</h1>{{ .Content }}")


def site(generator, output, tool, *, change=None, contents=True, before=None):
    """A site of somebody: the recipe, the folder that is published, a program that it needs, and its other files."""
    return {
        "generator": generator,
        "output": output,
        "tool": tool,
        "change": change or (lambda text: text),
        "contents": contents,
        "before": before or {},
    }


def mkdocs(theme):
    return site(
        "MkDocs",
        "site",
        "mkdocs",
        before={"docs/index.md": "# Home\n", "mkdocs.yml": f"site_name: Ours\ntheme: {theme}\n"},
    )


def sphinx(theme):
    home = "# Home\n\n```{toctree}\nskills/index\n```\n"
    return site(
        "Sphinx", "site", "sphinx-build", change=lambda t: t.replace("furo", theme), before={"docs/index.md": home}
    )


SITES = {
    "material": mkdocs("material"),
    "mkdocs": mkdocs("mkdocs"),
    "readthedocs": mkdocs("readthedocs"),
    "furo": sphinx("furo"),
    "pydata": sphinx("pydata_sphinx_theme"),
    "jupyter-book": site("Jupyter Book", "docs/_build/html", "jupyter-book", before={"docs/intro.md": "# Home\n"}),
    "hugo": site("Hugo", "public", "hugo", before={"layouts/_default/single.html": HUGO, "content/_index.md": ""}),
    "jekyll": site(
        "Jekyll",
        "_site",
        "jekyll",
        contents=False,
        before={"_layouts/default.html": LAYOUT.format("{{ content }}"), "_config.yml": "exclude: [config.yaml]\n"},
    ),
    "eleventy": site(
        "Eleventy",
        "_site",
        "eleventy",
        contents=False,
        before={
            "_includes/base.html": LAYOUT.format("{{ content }}"),
            "skills/skills.json": '{"layout": "base.html"}',
        },
    ),
    "vitepress": site(
        "VitePress",
        "docs/.vitepress/dist",
        "vitepress",
        change=lambda text: text.replace(
            'export default { srcExclude: ["public/**"]',
            'export default { srcExclude: ["public/**"], themeConfig: { search: { provider: "local" } }',
        ),
        before={"docs/index.md": "# Home\n"},
    ),
    "starlight": site(
        "Astro with Starlight",
        "dist",
        "astro",
        before={
            "src/content/docs/index.md": "---\ntitle: Home\n---\n",
            "src/content.config.ts": STARLIGHT,
            "astro.config.mjs": 'import starlight from "@astrojs/starlight";\n'
            'export default { integrations: [starlight({ title: "Ours" })] };\n',
        },
    ),
    "astro": site("Astro", "dist", "astro", before={"src/layouts/Layout.astro": LAYOUT.format("<slot />")}),
    "observable": site(
        "Observable Framework",
        "dist",
        "observable",
        before={"src/index.md": "# Home\n", "observablehq.config.js": 'export default {root: "src", search: true};\n'},
    ),
}
OWN = WITHIN.replace(
    "].filter((e) => ",
    "].filter((e) => !e.closest('[id$=table-inputs]') && !e.matches('.md-typeset__scrollwrap, .md-typeset__table, .wy-table-responsive') && ",
)
"""The looks of a report, without boxes that themes put around tables, and without the table that has the config's hash."""
OWN_SEARCH = ("assets/chunks/@localSearchIndex*.js", "_observablehq/minisearch.*.json")
"""Search indexes of VitePress and Observable Framework, if a site has its search."""
OF_NPM = {"eleventy", "vitepress", "astro", "observable"}
BY_DAY = ("material", "mkdocs")


def recipes():
    """Return the files and the commands of each recipe."""
    text = section("homes.md", "A page of a site generator")
    return {
        name: ([(path, content) for _, path, content in FILE.findall(body)], COMMANDS.findall(body))
        for name, body in RECIPE.findall(text)
    }


def config_for(generator):
    return (SURVEY / "config.yaml").read_text(encoding="utf-8") + (
        f"\noutputs: [html: {{front_matter: {generator}}}, markdown, data, figures]\n"
    )


NAMED = {"Jupyter Book": "sphinx", "Astro with Starlight": "astro", "Observable Framework": "observable"}


def followed(name, folder):
    """Build a site by its recipe, and return the folder that would be published."""
    given = SITES[name]
    found = recipes()
    files, commands = found[given["generator"]]
    if given["generator"] == "Jupyter Book":
        files = [*files, *(file for file in found["Sphinx"][0] if file[0].endswith(".md"))]
    generator = NAMED.get(given["generator"], given["generator"].lower())
    written = {"config.yaml": config_for(generator), **given["before"], **dict(files)}
    write(folder, {path: given["change"](content) for path, content in written.items()})
    shutil.copy(SURVEY / "answers.csv", folder)
    if given["tool"] in OF_NPM:
        (folder / "node_modules").symlink_to(NODE_MODULES)
        if given["tool"] != "eleventy":
            (folder / "package.json").write_text('{"type": "module"}')
    for command in "".join(commands).splitlines():
        run(command, folder)
    return folder / given["output"]


def run(command, folder):
    """Run a command of a recipe, with the generators on the path."""
    environment = os.environ | {"PATH": PATH, "CI": "", "ASTRO_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def is_installed(name):
    tool = SITES[name]["tool"]
    if tool in OF_NPM:
        return (NODE_MODULES / ".bin" / tool).exists()
    return shutil.which(tool, path=PATH) is not None


class Quiet(SimpleHTTPRequestHandler):
    """A server of files without a log."""

    def log_message(self, *_):
        """Write nothing."""


@pytest.fixture(scope="module", params=[*BY_DAY, *by_night(*(SITES.keys() - {*BY_DAY}))])
def built(request, tmp_path_factory):
    """A site on a server: its name, its folder and the address of the report."""
    if not is_installed(request.param) and "DIPTYCH_GENERATORS" not in os.environ:
        pytest.skip(f"{SITES[request.param]['tool']} is not installed")
    folder = followed(request.param, tmp_path_factory.mktemp(request.param))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield request.param, folder, f"http://127.0.0.1:{server.server_port}/skills/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def fragment(tmp_path_factory):
    """The report as a fragment: its titles of sections, and a page around it whose width can be set."""
    folder = tmp_path_factory.mktemp("fragment")
    config = config_for("mkdocs").replace("front_matter: mkdocs", "fragment: true")
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    shutil.copy(SURVEY / "answers.csv", folder)
    build(folder / "config.yaml", folder / "site")
    text = (folder / "site" / "fragment.html").read_text(encoding="utf-8")
    (folder / "host.html").write_text(HOST.format(text), encoding="utf-8")
    return re.findall(r"<h2>(.*?)</h2>", text), (folder / "host.html").as_uri()


def test_a_reader_finds_the_title_the_sections_and_every_file(visit, built, fragment):
    name, _, address = built
    titles, _ = fragment
    page = visit(address)
    heads = page.evaluate(
        "[...document.querySelectorAll('h1')].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    )
    assert [re.sub(r"[^\w\s]+", "", head).strip() for head in heads] == [TITLE]
    links = page.evaluate("[...document.querySelectorAll('.diptych a[href]')].map((link) => link.href)")
    own = [link for link in dict.fromkeys(links) if link.startswith(address.removesuffix("skills/"))]
    assert len(own) > 10
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)"))
    dead = [
        link
        for link in own
        if (unquote(link.partition("#")[2]) not in ids if "#" in link else not page.request.get(link).ok)
    ]
    assert dead == []
    if SITES[name]["contents"]:
        listed = page.evaluate(
            "[...document.querySelectorAll('a[href*=\"#\"]')].filter((a) => !a.closest('.diptych, h1, h2'))"
            ".map((a) => a.textContent.trim())"
        )
        assert set(titles) - set(listed) == set()
    else:
        found = page.evaluate("[...document.querySelectorAll('h2[id]')].map((e) => e.textContent)")
        assert found == titles


def test_search_has_the_text_and_no_fonts(built):
    name, folder, _ = built
    if (index := folder / "search" / "search_index.json").exists():
        entries = json.loads(index.read_text(encoding="utf-8"))["docs"]
        text = " ".join(entry["text"] for entry in entries if entry["location"].startswith("skills/"))
    elif (index := folder / "searchindex.js").exists():
        text = index.read_text(encoding="utf-8")
    elif (index := folder / "pagefind" / "fragment").exists():
        entries = [gzip.decompress(path.read_bytes()).decode() for path in index.iterdir()]
        (text,) = [entry for entry in entries if '"url":"/skills/"' in entry]
    elif found := [path for pattern in OWN_SEARCH for path in folder.glob(pattern)]:
        (index,) = found
        text = index.read_text(encoding="utf-8")
    else:
        pytest.skip(f"{name} has no search of its own")
    assert len(text) < 60_000
    assert "programming" in text.lower()
    assert "base64" not in text


def without_classes(looks):
    """Return looks without the classes of tables, to which themes add their own."""
    return [re.sub(r"^TABLE\|[^|]*\|", "TABLE||", look) for look in looks]


@pytest.mark.parametrize("width", [390, *by_night(768), 1280])
def test_the_report_looks_as_its_fragment_does(visit, built, fragment, width):
    _, _, address = built
    page = visit(address)
    resized(page, width)
    looks = without_classes(page.evaluate(OWN, NAMES))
    card = page.evaluate("document.querySelector('.diptych').getBoundingClientRect().width")
    alone = visit(fragment[1])
    alone.evaluate("(width) => { document.querySelector('main').style.width = `${width}px`; }", card)
    resized(alone, width)
    expected = without_classes(alone.evaluate(OWN, NAMES))
    assert len(looks) == len(expected) > 500
    assert [pair for pair in zip(expected, looks, strict=True) if not equal(*pair)][:3] == []


def nodes(tree):
    """Yield all nodes of a document of MyST."""
    yield tree
    for child in tree.get("children", []):
        yield from nodes(child)
