"""Builds with `snapshots:`: what they keep, that twice is once, and old reports from snapshots alone."""

import base64
import hashlib
import html
import json
import os
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.taking import pack
from diptych.cache import Cache
from diptych.config.loading import load_config, load_text
from diptych.contrib.history import codec
from diptych.contrib.history.codec import packed, unpack
from diptych.contrib.history.keeping import kept_body, place_in
from diptych.contrib.history.snapshot import KeptText
from diptych.contrib.verify.rebuild import rebuild
from diptych.errors import ConfigError, ExpectationError, PublishError, SnapshotError
from diptych.findings import ThresholdSettings
from diptych.manifest import verify
from diptych.pipeline import build, build_past, build_site
from diptych.pipeline.counting import count_all
from diptych.publish.site import refuse_archive
from diptych.reuse import unchanged
from tests.contrib.history.projects import CONFIG, LINKED, LINKS, RECORDS, write
from tests.pipeline.projects import tree

DATA = CONFIG.replace("outputs: [html, data]", "outputs: [data]")
EXAMPLE = Path(__file__).parents[3] / "config.yaml"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "history").iterdir())


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Return a function that gives a folder with a config and the site and the snapshot that were built of it once."""

    @cache
    def of(config):
        folder = tmp_path_factory.mktemp("once")
        build(write(folder, config), folder / "site")
        return folder

    return of


@pytest.fixture
def built(once, tmp_path):
    """Return a function that puts such a project into `tmp_path` and returns its config."""

    def put(config=DATA):
        shutil.copytree(once(config), tmp_path, dirs_exist_ok=True)
        return tmp_path / "config.yaml"

    return put


def test_a_build_keeps_a_snapshot_and_the_site_carries_it(tmp_path, built):
    built()
    [name] = names(tmp_path)
    assert name.startswith("2026-03-02-001-")  # the date that the config gives
    content = (tmp_path / "history" / name).read_bytes()
    assert content == (tmp_path / "site/data/snapshot.json.xz").read_bytes()
    manifest = json.loads((tmp_path / "site/manifest.json").read_bytes())
    assert "data/snapshot.json.xz" in manifest["outputs"]
    found = unpack(content, name)
    assert found.head.config.content == DATA
    assert found.head.rows == {"survey": 10}
    assert [entry.path for entry in found.head.inputs] == ["r.csv"]
    [finding] = [f for f in found.head.published.findings if f.kind == "agreement"]
    # nine records have a category on both sides, five the same
    assert (finding.value, finding.n) == (pytest.approx(5 / 9), 10)


def test_building_twice_changes_no_byte(tmp_path, built):
    config = built(CONFIG)
    once = tree(tmp_path)
    build(config, tmp_path / "site")
    assert tree(tmp_path) == once


def test_what_differs_is_kept_beside_what_was(tmp_path, built):
    config = built()
    (tmp_path / "r.csv").write_text(RECORDS + "a,b\n")
    build(config, tmp_path / "site")
    config.write_text(DATA.replace("match: [a, aa]", "match: a"))
    build(config, tmp_path / "site")
    assert [name[11:15] for name in names(tmp_path)] == ["001-", "002-", "003-"]


def test_a_comment_in_the_config_is_no_new_snapshot(tmp_path, built):
    config = built()
    config.write_text("# a comment\n" + DATA)
    build(config, tmp_path / "site")
    assert len(names(tmp_path)) == 1


def test_the_date_of_the_data_names_it(tmp_path):
    config = write(tmp_path, LINKS, LINKED)
    build(config, tmp_path / "site")
    assert [name[:15] for name in names(tmp_path)] == ["2026-01-03-001-"]


def test_keep_thins_the_folder(tmp_path):
    config = write(tmp_path, LINKS.replace("snapshots: {}", "snapshots: {keep: {weekly: 1, monthly: 0}}"), LINKED)
    for day in ("2026-01-03", "2026-01-10", "2026-02-20"):
        (tmp_path / "m.csv").write_text(LINKED["m.csv"].replace("2026-01-03", day) + f"x{day},a,1,t9,h1,\n")
        build(config, tmp_path / "site")
    assert [name[:10] for name in names(tmp_path)] == ["2026-02-20"]


def test_the_program_before_without_snapshots_is_as_it_was(tmp_path):
    config = write(tmp_path, DATA.replace("snapshots: {folder: history/}\n", ""))
    build(config, tmp_path / "site")
    assert not (tmp_path / "history").exists()
    assert not (tmp_path / "site/data/snapshot.json.xz").exists()


def test_what_changes_the_page_is_a_new_snapshot_and_where_it_is_kept_is_not(tmp_path):
    loaded = load_config(write(tmp_path, DATA))
    counted = count_all(loaded)
    first = place_in(loaded, counted).content
    kept = {}
    for name, setting in (
        ("keep", "keep: {weekly: 9}"),
        ("age", "stale_after: 9 days"),
        ("matters", "matters: {share: 0.1}"),
    ):
        text = DATA.replace("folder: history/", f"folder: history/, {setting}")
        kept[name] = place_in(replace(loaded, config=load_text(text, loaded.path).config), counted).content == first
    assert kept == {"keep": True, "age": False, "matters": False}


def test_two_configs_do_not_share_a_folder(tmp_path, built):
    config = built()
    other = tmp_path / "other.yaml"
    other.write_text(DATA)
    with pytest.raises(SnapshotError) as caught:
        build(other, tmp_path / "site")
    assert str(caught.value) == (
        f"{tmp_path}/history: has the snapshots of config.yaml; give each config a folder of its own, with "
        "snapshots: {folder: …} in other.yaml"
    )
    config.unlink()  # renamed: it goes on with its own
    build(other, tmp_path / "site")
    assert len(names(tmp_path)) == 1


def test_a_failing_build_keeps_nothing(tmp_path):
    config = write(tmp_path, DATA + "expect: {rows: {survey: 11}}\n")
    with pytest.raises(Exception, match="survey has 10 rows; at least 11 are expected"):
        build(config, tmp_path / "site")
    assert not (tmp_path / "history").exists()


def test_a_broken_snapshot_stops_the_build_by_its_name(tmp_path, built):
    config = built()
    [name] = names(tmp_path)
    (tmp_path / "history" / name).write_bytes(b"nonsense" * 20)
    with pytest.raises(SnapshotError) as caught:
        build(config, tmp_path / "site")
    assert str(caught.value) == (
        f"{tmp_path}/history/{name}: is no snapshot of this program (it is not compressed as snapshots are, or was "
        "changed); take it away, or put back one that is whole"
    )


def test_the_site_may_not_hold_the_snapshots(tmp_path):
    config = write(tmp_path, DATA.replace("history/", "site/history/"))
    with pytest.raises(Exception, match=r"contains .*history, which this report is built from"):
        build(config, tmp_path / "site")


def test_a_site_of_several_keeps_one_of_each(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, DATA)
    build_site([tmp_path / "one/config.yaml", tmp_path / "two/config.yaml"], tmp_path / "site")
    assert len(names(tmp_path / "one")) == len(names(tmp_path / "two")) == 1
    assert (tmp_path / "site/two/data/snapshot.json.xz").is_file()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a project with page, PDF and authored text that was built once."""
    folder = tmp_path_factory.mktemp("whole")
    config = CONFIG.replace("outputs: [html, data]", "outputs: [html, pdf, markdown, latex, figures, data]")
    head, *rows = RECORDS.splitlines(keepends=True)
    # So many that the share in the claim is precise enough to be stated.
    write(folder, config + "text: {folder: text/}\n", {"r.csv": head + "".join(rows) * 4})
    (folder / "text").mkdir()
    (folder / "text/overview.md").write_text('All {% claim left["A", "A"] > 0.5 %}is well{% endclaim %}.\n')
    build(folder / "config.yaml", folder / "site")
    return folder


def test_an_old_report_is_built_again_without_its_data(whole, tmp_path):
    snapshot = whole / "site/data/snapshot.json.xz"
    build_past(tmp_path / "none.yaml", tmp_path / "again", str(snapshot))
    assert tree(tmp_path / "again") == tree(whole / "site")


def test_by_its_id_in_the_folder_of_the_config(whole, tmp_path):
    built = build_past(whole / "config.yaml", tmp_path / "again", "newest")
    assert built.n_files == sum(path.is_file() for path in (whole / "site").rglob("*"))
    assert tree(tmp_path / "again") == tree(whole / "site")


def test_another_version_is_told_in_the_report(whole, tmp_path):
    snapshot = unpack((whole / "site/data/snapshot.json.xz").read_bytes(), "x")
    head = replace(snapshot.head, program="0.0.1")
    path = tmp_path / "old.json.xz"
    path.write_bytes(pack(replace(snapshot, head=head)))
    built = build_past(tmp_path / "none.yaml", tmp_path / "again", str(path))
    said = "snapshot old: version 0.0.1 counted, version 0.1.0 worked out and wrote what is here"
    assert said in [note.message for note in built.notes]
    assert "version 0.0.1 counted" in (tmp_path / "again/report.md").read_text()


def test_a_snapshot_cannot_write_outside_its_folder(whole, tmp_path):
    snapshot = unpack((whole / "site/data/snapshot.json.xz").read_bytes(), "x")
    for name in ("../evil.md", "/evil.md", "a\\b.md", ""):
        head = replace(snapshot.head, texts=(KeptText(name, "x"),))
        path = tmp_path / "evil.json.xz"
        path.write_bytes(pack(replace(snapshot, head=head)))
        with pytest.raises(SnapshotError, match="it names a file"):
            build_past(tmp_path / "none.yaml", tmp_path / "again", str(path))


def test_a_relation_that_was_not_counted_is_named(whole, tmp_path):
    snapshot = unpack((whole / "site/data/snapshot.json.xz").read_bytes(), "x")
    path = tmp_path / "bare.json.xz"
    path.write_bytes(pack(replace(snapshot, body=replace(snapshot.body, relations=()))))
    with pytest.raises(SnapshotError, match=r"its config has a relation that it did not count \("):
        build_past(tmp_path / "none.yaml", tmp_path / "again", str(path))


def test_what_is_asked_for_is_not_there(tmp_path):
    config = write(tmp_path, DATA.replace("snapshots: {folder: history/}\n", ""))
    with pytest.raises(SnapshotError) as caught:
        build_past(config, tmp_path / "again", "2026")
    assert str(caught.value) == (
        '"2026": is no file, and the config has no `snapshots:` whose folder it could be looked for in'
    )


def test_the_cache_knows_the_folder(tmp_path):
    config = write(tmp_path, DATA)
    cache = Cache(tmp_path / "cache")
    build(config, tmp_path / "site", cache=cache)
    for path in (tmp_path / "history").iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    build(config, tmp_path / "site", cache=cache)
    assert unchanged(cache, [config], tmp_path / "site") is not None
    (tmp_path / "history" / names(tmp_path)[0]).unlink()
    assert unchanged(cache, [config], tmp_path / "site") is None
    build(config, tmp_path / "site", cache=cache)
    assert len(names(tmp_path)) == 1


def test_a_word_stays_until_its_number_has_left_the_tier(tmp_path, monkeypatch):
    monkeypatch.setattr(ThresholdSettings, "fragile", 1)
    # Of 100 records, kappa by Wilson's lower end: 0.52 for 84 %, 0.44 for 80 %, 0.34 for 74 %, 0.70 for 92 %. The
    # standard error is about 0.07, and `moderate` begins at 0.5. `fragile` is 1, since resampling could make it a step
    # weaker.
    config = write(tmp_path, DATA)

    def word(n_same: int) -> str | None:
        (tmp_path / "r.csv").write_text("x,y\n" + "a,a\n" * (n_same // 2) + "b,b\n" * (n_same - n_same // 2)
                                        + "a,b\n" * (100 - n_same))  # fmt: skip
        build(config, tmp_path / "site")
        head = unpack((tmp_path / "site/data/snapshot.json.xz").read_bytes(), "").head
        return head.strengths["main/survey/agreement"]

    assert [word(n) for n in (84, 80, 74, 84, 92, 84)] == [
        "moderate",
        "moderate",
        "weak",
        "weak",
        "moderate",
        "moderate",
    ]
    for path in (tmp_path / "history").iterdir():
        path.unlink()
    assert word(55) == "weak"  # nothing was published before


def test_the_default_example_is_below_100_kilobytes(tmp_path):
    counted = count_all(load_text(f"{EXAMPLE.read_text()}snapshots: {{folder: {tmp_path}}}\n", EXAMPLE))
    assert counted.relations["trained_on"].for_history is not None
    assert len(packed(codec.body_text(kept_body(counted)))) < 60_000


def test_the_page_says_how_old_its_data_may_be(tmp_path):
    config = write(tmp_path, CONFIG.replace("history/}", "history/, stale_after: 2 months}"))
    build(config, tmp_path / "site")
    page = (tmp_path / "site/index.html").read_text()
    assert (
        '<p class="date">Data of <time datetime="2026-03-02">2 March 2026</time>'
        '<span class="stale" data-days="60" hidden>, older than 2 months</span></p>'
    ) in page
    script = (Path(EXAMPLE).parent / "templates/html/stale.js").read_text()
    assert f"<script>{script}</script>" in page
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"sha256-{digest}" in html.unescape(page)


def test_a_page_without_an_age_has_the_date_alone(tmp_path, built):
    built(CONFIG)
    page = (tmp_path / "site/index.html").read_text()
    assert "data to 2\u00a0March\u00a02026" in page or "data to 2 March 2026" in page
    assert "stale" not in page


GUARDED = DATA.replace("snapshots: {", "snapshots: {most_change: 0.2, ")


def test_a_change_that_is_too_large_stops_the_build(tmp_path):
    config = write(tmp_path, GUARDED, {"r.csv": "x,y\n" + "a,a\n" * 50 + "b,b\n" * 50})
    build(config, tmp_path / "site")
    before = tree(tmp_path)
    (tmp_path / "r.csv").write_text("x,y\n" + "a,a\n" * 50 + "b,b\n" * 20 + "a,b\n" * 51)
    changed = tree(tmp_path)
    with pytest.raises(ExpectationError) as caught:
        build(config, tmp_path / "site")
    assert tree(tmp_path) == changed != before
    said = "in the last snapshot; a change of at most 0.2 is expected"
    # 121 records instead of 100; of these 70 agree
    assert f"snapshots.most_change: agreement (survey) is 0.579 and was 1.000 {said}" in caught.value.messages
    assert (
        "snapshots.most_change: survey has 121 rows and had 100 in the last snapshot; a relative change of at most 0.2 is expected"
    ) in caught.value.messages


def test_a_change_within_the_guard_is_built(tmp_path):
    config = write(tmp_path, GUARDED, {"r.csv": "x,y\n" + "a,a\n" * 50 + "b,b\n" * 50})
    build(config, tmp_path / "site")
    (tmp_path / "r.csv").write_text("x,y\n" + "a,a\n" * 50 + "b,b\n" * 50 + "a,b\n" * 20)
    build(config, tmp_path / "site")
    assert len(names(tmp_path)) == 2


ARCHIVING = DATA.replace("history/}", "history/, archive: true}").replace(
    "outputs: [data]", "outputs: [markdown, data]\nurl: https://example.org/report"
)


def test_each_published_report_stays_at_its_address(tmp_path, built):
    config, site = built(ARCHIVING), tmp_path / "site"
    first = tree(site / "archive/2026-03-02")
    assert first == {path: found for path, found in tree(site).items() if not path.startswith("archive")} | {
        "manifest.json": first["manifest.json"]
    }
    assert "url = {https://example.org/report/archive/2026-03-02/}" in (site / "citation.bib").read_text()
    build(config, site)
    assert tree(site / "archive/2026-03-02") == first
    (tmp_path / "r.csv").write_text(RECORDS + "a,b\n")
    build(config, site)
    assert sorted(path.name for path in (site / "archive").iterdir()) == ["2026-03-02", "2026-03-02-002"]
    assert tree(site / "archive/2026-03-02") == first
    assert "archive/2026-03-02-002/" in (site / "CITATION.cff").read_text()
    assert verify(site) == verify(site / "archive/2026-03-02") == ()
    once = tree(tmp_path)
    build(config, site)
    assert tree(tmp_path) == once
    assert rebuild(site).files == {}


def test_an_archived_report_comes_back_from_its_snapshot(tmp_path, built):
    config = built(ARCHIVING)
    build_past(config, tmp_path / "again", "newest")
    again = tree(tmp_path / "again")
    assert again == tree(tmp_path / "site/archive/2026-03-02")


def test_an_old_report_does_not_replace_an_archive(tmp_path, built):
    built(ARCHIVING)
    with pytest.raises(PublishError) as caught:
        refuse_archive(tmp_path / "site")
    assert str(caught.value) == (
        f"{tmp_path}/site: is a site with an archive, which an old report in its place would lose; give another folder "
        "with -o"
    )
    refuse_archive(tmp_path / "none")


def test_an_archive_is_of_a_report_alone(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, ARCHIVING)
    with pytest.raises(ConfigError) as caught:
        build_site([tmp_path / "one/config.yaml", tmp_path / "two/config.yaml"], tmp_path / "site")
    assert [problem.message for problem in caught.value.problems] == [
        "an archive is of a report alone, not of one in a site of several; leave this key out"
    ] * 2
