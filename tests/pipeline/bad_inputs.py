"""A small project that builds, and many ways to spoil it. Each way says which config and which data it changes.

`CASES`: (what is wrong, {old: new} in the config, {file: content}, messages on stderr without "error: ").
A content of None removes the file. Messages are whole, in the order printed.
"""

import gzip

from diptych.measures import MEASURES

MEASURE_NAMES = ", ".join(MEASURES)

CONFIG = """\
version: 1
report: {title: T}
taxonomy:
  categories: [{name: A, match: a}, {name: B, match: b}]
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""

FILES = {
    "d.csv": "id,l,owner\nd1,a,u\nd2,b,v\nd3,a|b,w\n",
    "m.csv": "id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\n",
    "k.csv": "s,t\nd1,m1\nd2,m2\nd3,m3\nd1,m3\n",
}

LINKS = "links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}"
SHARED = {LINKS: "shared: {key: owner, entities: [datasets, models]}"}
RECORDS = {LINKS: "records: {source: r.csv, rows: {column: x}, columns: {column: y}}"}
MATRIX = {
    LINKS: "matrix: {left: x.csv}\npanels:\n  - {id: left, relation: trained_on, given: datasets, outcome: models}"
}
END = "column: t}}\n"


def _links(more: str) -> dict[str, str]:
    """Return the change of the config that adds options to its links."""
    return {END: f"column: t}}, {more}}}\n"}


def _after(text: str) -> dict[str, str]:
    """Return the change of the config that adds lines at its end."""
    return {END: f"{END}{text}\n"}


def _models(**more: str) -> dict[str, str]:
    options = "".join(f", {key}: {value}" for key, value in more.items())
    return {"label: Model,": f"label: Model{options},"}


CONFIGS = [
    ("an empty config", {CONFIG: ""}, {}, ["config.yaml: is empty; a config begins with version: 1"]),
    ("a config of comments", {CONFIG: "# later\n"}, {}, ["config.yaml: is empty; a config begins with version: 1"]),
    ("a tab", {"  categories": "\tcategories"}, {}, ["config.yaml:4:1: a tab; YAML is indented with spaces"]),
    (
        "a quote that never closes",
        {'"|"}}\n  models': '"|}}\n  models'},
        {},
        ["config.yaml:7:73: this character cannot begin an entry; put the text in quotes"],
    ),
    (
        "a key twice",
        {"taxonomy:": "report: {title: U}\ntaxonomy:"},
        {},
        ["config.yaml:3:1: report: is written twice; first at line 2, column 1"],
    ),
    (
        "an unknown key and a wrong word",
        {**_after("    unit: lnk"), "report: {title: T}": "report: {title: T, subtitel: S}"},
        {},
        [
            'config.yaml:2:20: report.subtitel: unknown key; known keys here are title, headline, subtitle, authors, date (did you mean "subtitle"?)',
            'config.yaml:11:5: relations.trained_on.unit: "lnk" is not one of link, from, to (did you mean "link"?)',
        ],
    ),
    (
        "no version and no title",
        {"version: 1\n": "", "{title: T}": "{}"},
        {},
        ["config.yaml: version: is required and missing", "config.yaml:1:1: report.title: is required and missing"],
    ),
    (
        "an entity that is not there",
        {"entity: datasets": "entity: dataset"},
        {},
        [
            'config.yaml:10:35: relations.trained_on.links.from.entity: "dataset" is not one of the entities: datasets, models (did you mean "datasets"?)'
        ],
    ),
    (
        "a preset that is not there",
        {"  categories: [": "  preset: hub-figure8\n  categories: ["},
        {},
        [
            'config.yaml:4:3: taxonomy.preset: "hub-figure8" is not a known preset: hub-figure9@2026-08, hub-modality7@2026-08 (did you mean "hub-figure9@2026-08"?)'
        ],
    ),
    (
        "a pattern that is none",
        {"{name: A, match: a}": '{name: A, pattern: "a("}'},
        {},
        ['config.yaml:4:26: taxonomy.categories[0].pattern: "a(" is not a regular expression (RE2): missing )'],
    ),
    (
        "replaces without what",
        {"{name: A, match: a}": "{name: A, match: a, replaces: true}"},
        {},
        [
            "config.yaml:4:36: taxonomy.categories[0].replaces: belongs to when_several_of: there is nothing to replace without it"
        ],
    ),
    (
        "a category derived from one that is not there",
        {"match: b}]": "match: b}, {name: C, when_several_of: [A, D]}]"},
        {},
        ['config.yaml:4:89: taxonomy.categories[2].when_several_of[1]: "D" is not one of the categories: A, B, C'],
    ),
    (
        "unmatched into no category",
        {"match: b}]": "match: b}]\n  unmatched: C"},
        {},
        ['config.yaml:5:3: taxonomy.unmatched: "C" is neither report, error nor one of the categories: A, B'],
    ),
    (
        "a relation of no form",
        {LINKS: "label: x"},
        {},
        [
            "config.yaml:9:3: relations.trained_on: needs exactly one of links, shared, records, matrix; it has none of them"
        ],
    ),
    (
        "a relation of two forms",
        _after("    shared: {key: owner, entities: [datasets, models]}"),
        {},
        [
            "config.yaml:9:3: relations.trained_on: needs exactly one of links, shared, records, matrix; it has links, shared"
        ],
    ),
    (
        "a panel of a kind that is not there",
        _after("panels: [{id: p, relation: trained_on, given: datasets, outcome: owners}]"),
        {},
        ['config.yaml:11:57: panels[0].outcome: "owners" is not one of the two kinds of trained_on: datasets, models'],
    ),
    (
        "a panel called as a file of the site",
        _after("panels: [{id: unresolved, relation: trained_on, given: datasets, outcome: models}]"),
        {},
        ['config.yaml:11:11: panels[0].id: "unresolved" is a file of its own in the data folder; choose another id'],
    ),
    (
        "a figure of two measures",
        _after(
            "panels:\n  - {id: p, relation: trained_on, given: datasets, outcome: models}\n  - {id: q, relation: trained_on, given: models, outcome: datasets, measure: lift}\nfigures: [{id: f, panels: [p, q]}]"
        ),
        {},
        [
            "config.yaml:14:19: figures[0].panels: a figure has one scale, so one measure; these panels show conditional and lift"
        ],
    ),
    (
        "a measure that is none",
        _after("panels: [{id: p, relation: trained_on, given: datasets, outcome: models, measure: lfit}]"),
        {},
        [
            f'config.yaml:11:74: panels[0].measure: "lfit" is not one of the measures: {MEASURE_NAMES} (did you mean "lift"?)'
        ],
    ),
    (
        "an output that is none",
        _after("outputs: [html, odt]"),
        {},
        [
            'config.yaml:11:17: outputs[1]: "odt" is not one of html, pdf, markdown, figures, data, latex, typst, quarto, embed, docx'
        ],
    ),
    (
        "a user in an address",
        _after("url: https://me:secret@example.org/"),
        {},
        ["config.yaml:11:1: url: an address must not contain a user name or password; remove the part before @"],
    ),
]

SOURCES = [
    (
        "a file that is not there",
        {"source: m.csv": "source: mm.csv"},
        {},
        ['entities.models.source: mm.csv does not exist (did you mean "m.csv"?)'],
    ),
    (
        "a folder that is not there",
        {"source: m.csv": "source: data/m.csv"},
        {},
        ["entities.models.source: data/m.csv does not exist, nor does its folder"],
    ),
    (
        "a folder for a file",
        {"source: m.csv": "source: m"},
        {"m/x.csv": "id,l\n"},
        ["entities.models.source: m is a folder; name a file in it, or a pattern such as m/*.csv"],
    ),
    (
        "a pattern that finds nothing",
        {"source: m.csv": 'source: "m*.tsv"'},
        {},
        ['entities.models.source: no file matches "m*.tsv"'],
    ),
    (
        "an unknown ending",
        {"source: m.csv": "source: m.txt"},
        {"m.txt": "id,l\nm1,a\n"},
        [
            'entities.models.source: cannot determine the format of m.txt from its ending ".txt"; give format: csv, tsv, json, jsonl, parquet or xlsx'
        ],
    ),
    (
        "no path",
        {"source: m.csv": "source: {format: csv}"},
        {},
        ["config.yaml:7:26: entities.models.source: needs a path: the file to read"],
    ),
    ("an empty file", {}, {"m.csv": ""}, ["entities.models.source: m.csv is empty"]),
    ("a header alone", {}, {"m.csv": "id,l\n"}, ["entities.models.source: m.csv has a header and no rows"]),
    (
        "ragged rows",
        {},
        {"m.csv": "id,l\nm1,a\nm2,b,c\nm3\n"},
        [
            "entities.models.source: m.csv has 2 rows with another number of fields than the header, which has 2 fields: row 3 has 3, row 4 has 1 (the header is row 1; a field that contains the delimiter , needs quotes)"
        ],
    ),
    (
        "a quote that never closes in data",
        {},
        {"m.csv": 'id,l\nm1,"a\nm2,b\n'},
        ['entities.models.source: m.csv opens a quote in row 2 that is never closed (")'],
    ),
    (
        "text after a quote",
        {},
        {"m.csv": 'id,l\nm1,"a"b\n'},
        [
            'entities.models.source: m.csv has text after a closing quote in row 2; inside quotes write " twice, or give another quote character'
        ],
    ),
    (
        "bytes of Latin-1",
        {},
        {"m.csv": "id,l\nm1,é\n".encode("latin-1")},
        [
            "entities.models.source: m.csv is not utf-8 (byte 9, line 2); save it as UTF-8, or, if that is what it is, write source: {path: m.csv, encoding: latin-1}"
        ],
    ),
    (
        "bytes that are no UTF-16",
        {"source: m.csv": "source: {path: m.csv, encoding: utf-16}"},
        {"m.csv": b"id,l\nm1,a\n\n"},
        ["entities.models.source: m.csv is not utf-16 (byte 1, line 1); it is UTF-8: leave out encoding"],
    ),
    (
        "a NUL byte",
        {},
        {"m.csv": "id,l\nm1,a\0\n"},
        [
            "entities.models.source: m.csv contains a NUL byte (byte 10): it is no text file, or was damaged, or is UTF-16 (then write source: {path: m.csv, encoding: utf-16})"
        ],
    ),
    (
        "two columns of one name",
        {},
        {"m.csv": "id,l,l\nm1,a,b\n"},
        [
            'entities.models.source: m.csv calls columns 2 and 3 "l"; give each column a name of its own, or write source: {path: m.csv, header: 1} to number them'
        ],
    ),
    (
        "two columns that differ in case",
        {},
        {"m.csv": "id,l,ID\nm1,a,b\n"},
        [
            "entities.models.source: m.csv has columns 1 and 3 whose names differ in case alone (id, ID); give each column a name of its own, or write source: {path: m.csv, header: 1} to number them"
        ],
    ),
    (
        "a column without a name",
        {},
        {"m.csv": "id,,l\nm1,x,a\n"},
        [
            "entities.models.source: m.csv has no name for column 2 in its header; give each column a name, or take it out, or write source: {path: m.csv, header: 1} to number it (header: 2 if the names go on in row 2)"
        ],
    ),
    (
        "another delimiter",
        {},
        {"m.csv": "id;l\nm1;a\n"},
        [
            'entities.models.source: m.csv has one column named "id;l"; to split it, write source: {path: m.csv, delimiter: ";"}'
        ],
    ),
    (
        "two kinds of line end",
        {},
        {"m.csv": "id,l\r\nm1,a\nm2,b\r\n"},
        ["entities.models.source: m.csv ends some lines in CRLF and others in LF; save it with one kind of line end"],
    ),
    (
        "a gzip file cut short",
        {"source: m.csv": "source: m.csv.gz"},
        {"m.csv.gz": gzip.compress(b"id,l\nm1,a\n", mtime=0)[:-9]},
        ["entities.models.source: m.csv.gz cannot be read: it is not a complete .gz file"],
    ),
    (
        "no JSON",
        {"source: m.csv": "source: m.json"},
        {"m.json": '[{"id": "m1", "l": }]'},
        ["entities.models.source: m.json is not JSON in line 1, column 20: expecting value"],
    ),
    (
        "JSON that is no array",
        {"source: m.csv": "source: m.json"},
        {"m.json": '{"m1": "a"}'},
        ["entities.models.source: m.json is not a JSON array of objects: it holds an object"],
    ),
    (
        "JSON lines that are lists",
        {"source: m.csv": "source: m.jsonl"},
        {"m.jsonl": '{"id": "m1", "l": "a"}\n["m2", "b"]\n'},
        ["entities.models.source: m.jsonl is not one JSON object a line: row 2 is a list"],
    ),
    (
        "no Parquet",
        {"source: m.csv": "source: m.parquet"},
        {"m.parquet": "id,l\nm1,a\n"},
        ["entities.models.source: m.parquet is not a readable Parquet file"],
    ),
    (
        "no workbook",
        {"source: m.csv": "source: m.xlsx"},
        {"m.xlsx": "id,l\nm1,a\n"},
        ["entities.models.source: m.xlsx cannot be read as an .xlsx workbook"],
    ),
    (
        "files of other columns",
        {"source: m.csv": 'source: "m?.csv"'},
        {"m1.csv": "id,l\nm1,a\n", "m2.csv": "id,label\nm2,b\n"},
        ["entities.models.source: m2.csv has other columns than m1.csv: it lacks l and adds label"],
    ),
    (
        "no column of ids",
        {},
        {"m.csv": "ID,l\nm1,a\n"},
        ['entities.models.id: m.csv has no column "id"; it has ID, l (did you mean "ID"?)'],
    ),
    (
        "no column of labels",
        {},
        {"m.csv": "id,labels\nm1,a\n"},
        ['entities.models.labels: m.csv has no column "l"; it has id, labels'],
    ),
    (
        "no column of an attribute",
        _models(date="created"),
        {},
        ['entities.models.date: m.csv has no column "created"; it has id, l, owner'],
    ),
    (
        "ids twice",
        {},
        {"m.csv": "id,l\nm1,a\nm2,b\nm1,b\nm2,a\nm2,a\n"},
        [
            'entities.models.id: m.csv has 2 ids in more than one row: "m1" (2 rows), "m2" (3 rows); give each item one row'
        ],
    ),
    (
        "rows without an id",
        {},
        {"m.csv": "id,l\nm1,a\n,b\n ,a\n"},
        ["entities.models.id: m.csv has 2 of 3 rows without an id"],
    ),
    ("a font that is not there", _after("fonts: [cjk.otf]"), {}, ["font cjk.otf: there is no such file"]),
    (
        "a font that is none",
        _after("fonts: [cjk.otf]"),
        {"cjk.otf": "OTTO"},
        ["font cjk.otf: not a font file (TrueType, OpenType or a collection of these)"],
    ),
    (
        "a character that no font has, where a PDF alone is asked for",
        {"name: B": "name: 数", **_after("outputs: [pdf]")},
        {},
        [
            (
                "report.pdf: no font has the Chinese characters 数; name a font file that has them, such as "
                "Noto Sans CJK, under fonts: [...], or fonts: system for one of this machine"
            )
        ],
    ),
]

TAXONOMIES = [
    (
        "labels in no category",
        {"match: b}]": "match: b}]\n  unmatched: error"},
        {"m.csv": "id,l\nm1,a\nm2,x|y\nm3,y\n"},
        [
            'models: 2 labels are in no category of taxonomy default, whose `unmatched` is error: "y" (2), "x" (1) (items in brackets)'
        ],
    ),
    (
        "no label in any category",
        {"match: a}": "match: p}", "match: b}": "match: q}"},
        {},
        [
            'relations.trained_on: no unit has a category of datasets: taxonomy default (A, B) knows none of the labels: "a" (2), "b" (2)',
            'relations.trained_on: no unit has a category of models: taxonomy default (A, B) knows none of the labels: "b" (2), "a" (1)',
        ],
    ),
    (
        "no label in any category on one side",
        {},
        {"m.csv": "id,l\nm1,x\nm2,y\nm3,y\n"},
        [
            'relations.trained_on: no unit has a category of models: taxonomy default (A, B) knows none of the labels: "y" (2), "x" (1)'
        ],
    ),
    (
        "no labels at all",
        {},
        {"m.csv": "id,l\nm1,\nm2,\nm3,\n"},
        ["relations.trained_on: no unit has a category of models: no item has a label"],
    ),
    (
        "labels on the items that do not count",
        {},
        {"m.csv": "id,l\nm1,x\nm2,x\nm3,x\nm4,a\n"},
        ["relations.trained_on: no unit has a category of models: the items that have one are in no unit that counts"],
    ),
    ("an alias of itself", _models(aliases="{m1: m1}"), {}, ['entities.models.aliases: "m1" stands for itself']),
    (
        "aliases in a circle",
        _models(aliases="{m1: m2, m2: m1}"),
        {},
        ['entities.models.aliases: "m1" and "m2" stand for each other'],
    ),
    (
        "an alias of an alias",
        _models(aliases="{x: m1, y: x}"),
        {},
        ['entities.models.aliases: "y" stands for "x", which itself stands for another id; name that one'],
    ),
    (
        "a file of aliases that is not there",
        _models(aliases="alias.csv"),
        {},
        ["entities.models.aliases: alias.csv does not exist"],
    ),
    (
        "a file of aliases without its columns",
        _models(aliases="alias.csv"),
        {"alias.csv": "alias,name\nx,m1\n"},
        ['entities.models.aliases: alias.csv has no column "id"; it has alias, name'],
    ),
    (
        "an alias of two ids",
        _models(aliases="alias.csv"),
        {"alias.csv": "alias,id\nx,m1\nx,m2\n"},
        ['entities.models.aliases: alias.csv says that "x" stands for "m1" and for "m2"'],
    ),
]

RELATIONS = [
    (
        "links without their columns",
        {},
        {"k.csv": "source,t\nd1,m1\n"},
        ['relations.trained_on.links.from: k.csv has no column "s"; it has source, t'],
    ),
    (
        "a condition on no column",
        _links("where: {kind: x}"),
        {},
        ['relations.trained_on.links.where: k.csv has no column "kind"; it has s, t'],
    ),
    (
        "a condition that leaves nothing",
        _links("where: {s: x}"),
        {},
        ["relations.trained_on: no unit counts: the source has no links, or where leaves none"],
    ),
    (
        "a group that is no column",
        _after("    group: [package]"),
        {},
        ['relations.trained_on: "package" is not a column or attribute of entity models'],
    ),
    (
        "strata that are no column",
        _after("    strata: [ownr]"),
        {},
        ['relations.trained_on: "ownr" is not a column or attribute of entity models'],
    ),
    (
        "links that find nothing",
        {},
        {"k.csv": "s,t\nx,m1\ny,m2\nd1,z\n"},
        [
            'relations.trained_on: no unit counts: of 3 links none finds an item at both ends; names that no item has: "x" (datasets), "y" (datasets), "z" (models)'
        ],
    ),
    (
        "no unit with both labels",
        _after("    population: labelled"),
        {"m.csv": "id,l\nm1,x\nm2,x\nm3,x\n"},
        [
            "relations.trained_on: no unit counts: none has a category on both sides, which population: labelled asks for"
        ],
    ),
    (
        "weights that are negative",
        _models(weight="w"),
        {"m.csv": "id,l,w\nm1,a,1\nm2,b,-1\nm3,b,-2\n"},
        ["entities.models.weight: 2 of 3 are negative; a weight is 0 or more"],
    ),
    (
        "weights that are no numbers, or none",
        _models(weight="w"),
        {"m.csv": "id,l,w\nm1,a,\nm2,b,many\nm3,b,1\n"},
        [
            "entities.models.weight: 1 of 3 have no weight; give them one, or leave out `weight`",
            'entities.models.weight: 1 of 3 are not numbers, e.g. "many"',
        ],
    ),
    (
        "weights that are too large",
        _models(weight="w"),
        {"m.csv": "id,l,w\nm1,a,1e17\nm2,b,1\nm3,b,1\n"},
        ["entities.models.weight: the largest, 1e+17, is too large; weights must stay below 9.01e+15"],
    ),
    (
        "weights that are all 0",
        _models(weight="w"),
        {"m.csv": "id,l,w\nm1,a,0\nm2,b,0\nm3,b,0\n"},
        ["relations.trained_on: no unit counts: every weight is 0"],
    ),
    (
        "weights of links that are negative",
        {**_links("weight: w"), END: "column: t}, weight: w}\n    unit: link\n"},
        {"k.csv": "s,t,w\nd1,m1,1\nd2,m2,-3\n"},
        ["relations.trained_on.links.weight: column w: 1 of 2 are negative; a weight is 0 or more"],
    ),
    (
        "a shared key that is no column",
        {LINKS: "shared: {key: author, entities: [datasets, models]}"},
        {},
        ['relations.trained_on.shared.key: "author" is not a column or attribute of entity datasets'],
    ),
    (
        "a shared key that nothing has",
        SHARED,
        {"d.csv": "id,l,owner\nd1,a,\n", "m.csv": "id,l,owner\nm1,a,\n"},
        ["relations.trained_on: no unit counts: no item has a value of owner"],
    ),
    (
        "a shared key that is not shared",
        {LINKS: SHARED[LINKS] + "\n    population: both"},
        {"m.csv": "id,l,owner\nm1,a,x\n"},
        ["relations.trained_on: no unit counts: no owner is shared by datasets and models"],
    ),
    (
        "a group that differs within its unit",
        {LINKS: SHARED[LINKS] + "\n    group: [place]"},
        {"d.csv": "id,l,owner,place\nd1,a,u,here\nd2,b,u,there\n"},
        [
            'relations.trained_on: place cannot group or stratify by owner: 1 owner has items with different values of it, e.g. "u"'
        ],
    ),
    (
        "records without a column",
        RECORDS,
        {"r.csv": "x,z\na,b\n"},
        ['relations.trained_on.records.columns: r.csv has no column "y"; it has x, z'],
    ),
    (
        "records with labels on one side alone",
        RECORDS,
        {"r.csv": "x,y\na,\n,b\n"},
        ["relations.trained_on: no unit counts: of 2 records none has labels on both sides"],
    ),
    (
        "a list column that is not there",
        {LINKS: "links: {from: {entity: datasets}, to: {entity: models, column: data}}"},
        {},
        ['relations.trained_on.links: "data" is not a column or attribute of entity models'],
    ),
]

GUARDS = [
    (
        "fewer rows than expected",
        _after("expect: {rows: {models: 4, datasets: 3, trained_on: 5}}"),
        {},
        [
            "expect.rows.models: models has 3 rows; at least 4 are expected",
            "expect.rows.trained_on: trained_on has 4 rows; at least 5 are expected",
        ],
    ),
    (
        "more without a category than expected",
        _after("expect: {unlabelled: 0.3}"),
        {"m.csv": "id,l\nm1,a\nm2,x\nm3,x\n"},
        ["expect.unlabelled: models: 2 of 3 have no category, a share of 0.667; at most 0.3 is expected"],
    ),
    (
        "more unresolved than expected",
        _after("expect: {unresolved: 0.2}"),
        {"k.csv": "s,t\nd1,m1\nx,m2\n"},
        ["expect.unresolved: relation trained_on: 1 of 2 do not resolve, a share of 0.500; at most 0.2 is expected"],
    ),
    (
        "all guards at once",
        _after("expect: {rows: {models: 9}, unlabelled: 0.3, unresolved: 0.2}"),
        {"m.csv": "id,l\nm1,a\nm2,x\nm3,x\n", "k.csv": "s,t\nd1,m1\nx,m2\n"},
        [
            "expect.rows.models: models has 3 rows; at least 9 are expected",
            "expect.unlabelled: models: 2 of 3 have no category, a share of 0.667; at most 0.3 is expected",
            "expect.unresolved: relation trained_on: 1 of 2 do not resolve, a share of 0.500; at most 0.2 is expected",
        ],
    ),
    (
        "a guard of what no panel shows",
        {
            **_after(
                "  spare: {shared: {key: owner, entities: [datasets, models]}}\npanels: [{id: p, relation: trained_on, given: datasets, outcome: models}]\nexpect: {rows: {shops: 1}}"
            ),
            "relations:": "  shops: {label: Shop, source: s.csv, labels: l}\nrelations:",
        },
        {},
        ['expect.rows: "shops" is nothing that is counted for a panel'],
    ),
]

MATRICES = [
    (
        "a matrix that is not there",
        MATRIX,
        {},
        ['relations.trained_on.matrix.left: x.csv does not exist (did you mean "m.csv"?)'],
    ),
    (
        "a matrix of an unknown category",
        MATRIX,
        {"x.csv": "given,outcome,value\nA,B,0.5\nC,B,0.5\nA,D,0.5\n"},
        ['x.csv: the row "C" is no category of the taxonomy', 'x.csv: the column "D" is no category of the taxonomy'],
    ),
    (
        "a value out of bounds",
        MATRIX,
        {"x.csv": "x,A,B\nA,0.5,1.5\nB,-1,0.5\n"},
        [
            "x.csv: A x B: 1.5 is outside the measure's range 0 to 1",
            "x.csv: B x A: -1 is outside the measure's range 0 to 1",
        ],
    ),
    ("a pair twice", MATRIX, {"x.csv": "given,outcome,value\nA,B,0.5\nA,B,0.6\n"}, ["x.csv: A x B is given twice"]),
    (
        "a value that is no number",
        MATRIX,
        {"x.csv": "x,A,B\nA,half,0.5\nB,0.5,nan\n"},
        ['x.csv: row 2: A must be a number, not "half"', 'x.csv: row 3: B must be a number, not "nan"'],
    ),
    (
        "a range that its value is not in",
        MATRIX,
        {"x.csv": "given,outcome,value,low,high\nA,B,0.5,0.6,0.7\nB,A,0.5,0.1,0.2\n"},
        ["x.csv: A x B: low 0.6 is above the value 0.5", "x.csv: B x A: high 0.2 is below the value 0.5"],
    ),
    (
        "a range without a value",
        MATRIX,
        {"x.csv": "given,outcome,value,low\nA,B,,0.1\nB,A,0.5,0.1\n"},
        ["x.csv: row 2: low without a value"],
    ),
    (
        "a matrix without values",
        MATRIX,
        {"x.csv": "x,A,B\nA,,\nB,,\n"},
        ["x.csv: no cell has a value; give columns given, outcome, value, or a column per category"],
    ),
    (
        "a row without a name",
        MATRIX,
        {"x.csv": "x,A,B\nA,1,0\n,0,1\n"},
        ['x.csv: row 3: the first column "x" must name a category'],
    ),
    (
        "a matrix without a file for a panel",
        {LINKS: MATRIX[LINKS] + "\n  - {id: right, relation: trained_on, given: models, outcome: datasets}"},
        {"x.csv": "x,A,B\nA,1,0\n"},
        ["config.yaml:13:6: panels[1].id: relations.trained_on.matrix has no file for this panel"],
    ),
]

SEVERAL = [
    (
        "both entities and nothing else yet",
        {"source: d.csv": "source: dd.csv"},
        {"m.csv": "id,l\nm1,a\nm1,b\n", "k.csv": "x\n1\n"},
        [
            'entities.datasets.source: dd.csv does not exist (did you mean "d.csv"?)',
            'entities.models.id: m.csv has 1 id in more than one row: "m1" (2 rows); give each item one row',
        ],
    ),
    (
        "two relations",
        {
            END: END
            + "  owners: {shared: {key: owner, entities: [datasets, models]}, group: [town]}\n  survey: {records: {source: r.csv, rows: {column: x}, columns: {column: y}}}\n"
        },
        {"k.csv": "s,u\nd1,m1\n"},
        [
            'relations.trained_on.links.to: k.csv has no column "t"; it has s, u',
            'relations.owners: "town" is not a column or attribute of entity datasets nor of entity models (did you mean "owner"?)',
            'relations.survey.records.source: r.csv does not exist (did you mean "m.csv"?)',
        ],
    ),
    (
        "three files of one source",
        {"source: m.csv": "source: [m1.csv, m2.csv, m3.csv]"},
        {"m1.csv": "", "m2.csv": "id,l,l\n1,a,b\n", "m3.csv": "id,l\nm1,a\n"},
        [
            "entities.models.source: m1.csv is empty",
            'entities.models.source: m2.csv calls columns 2 and 3 "l"; give each column a name of its own, or write source: {path: m2.csv, header: 1} to number them',
        ],
    ),
]

CASES = [*CONFIGS, *SOURCES, *TAXONOMIES, *RELATIONS, *GUARDS, *MATRICES, *SEVERAL]
