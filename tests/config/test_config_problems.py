"""Configs with wrong values and wrong references: every message whole, with line, column and key.

Each case changes the nine lines of `small`: (what is wrong, {old: new}, what is added as line 10, messages).
"""

from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.contrib.claims.functions import FUNCTIONS, PREDICATES
from diptych.measures import MEASURES
from diptych.renderers import DATA_FILES

MEASURE_NAMES = ", ".join(MEASURES)

LINKS = """\
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""

CASES = [
    ("another version", {"version: 1": "version: 2"}, "", ['config.yaml:1:1: version: needs 1, not "2"']),
    (
        "an unknown section",
        {},
        "panel: []\n",
        [
            'config.yaml:10:1: panel: unknown key; known keys here are version, report, taxonomy, taxonomies, entities, relations, panels, figures, inference, expect, thresholds, findings, outputs, disclosure, engine, url, fonts, scan, snapshots, text (did you mean "panels"?)'
        ],
    ),
    (
        "an unknown key",
        {"title: T": "titel: T"},
        "",
        [
            "config.yaml:2:1: report.title: is required and missing",
            'config.yaml:2:10: report.titel: unknown key; known keys here are title, headline, subtitle, authors, date (did you mean "title"?)',
        ],
    ),
    (
        "a title that is a list",
        {"title: T": "title: [T]"},
        "",
        ["config.yaml:2:10: report.title: needs text, not a list of one entry"],
    ),
    (
        "a title without a value",
        {"title: T": "title: "},
        "",
        ["config.yaml:2:10: report.title: has no value; it needs text"],
    ),
    ("an empty title", {"title: T": "title: ''"}, "", ["config.yaml:2:10: report.title: is empty; it needs text"]),
    (
        "a date that is a year",
        {"title: T": "title: T, date: 2026"},
        "",
        ['config.yaml:2:20: report.date: needs data or a date such as 2026-08-01, not "2026"'],
    ),
    (
        "a date that is no day",
        {"title: T": "title: T, date: 2026-02-30"},
        "",
        ['config.yaml:2:20: report.date: needs data or a date such as 2026-08-01, not "2026-02-30"'],
    ),
    (
        "an ORCID without dashes",
        {"title: T": "title: T, authors: [{name: N, orcid: 12}]"},
        "",
        ['config.yaml:2:40: report.authors[0].orcid: needs an ORCID such as 0000-0002-1825-0097, not "12"'],
    ),
    (
        "an author without a name",
        {"title: T": "title: T, authors: [{orcid: 0000-0002-1825-0097}]"},
        "",
        ["config.yaml:2:30: report.authors[0].name: is required and missing"],
    ),
    (
        "authors that are text",
        {"title: T": "title: T, authors: N"},
        "",
        ['config.yaml:2:20: report.authors: needs a list, not "N"'],
    ),
    (
        "a word that is nearly one of those allowed",
        {LINKS: LINKS + "    unit: lnk\n"},
        "",
        ['config.yaml:10:5: relations.trained_on.unit: "lnk" is not one of link, from, to (did you mean "link"?)'],
    ),
    (
        "a number that is a word",
        {},
        "inference: {seed: many}\n",
        ['config.yaml:10:13: inference.seed: needs a whole number, not "many"'],
    ),
    (
        "a number that is not whole",
        {},
        "inference: {seed: 1.5}\n",
        ['config.yaml:10:13: inference.seed: needs a whole number, not "1.5"'],
    ),
    (
        "numbers out of bounds",
        {},
        "inference: {level: 95, minimum_units: 0}\n",
        [
            'config.yaml:10:13: inference.level: needs a number under 1, not "95"',
            'config.yaml:10:24: inference.minimum_units: needs a number of at least 1, not "0"',
        ],
    ),
    (
        "a number that is none",
        {},
        "inference: {fdr: .nan}\n",
        ['config.yaml:10:13: inference.fdr: needs a number, not ".nan"'],
    ),
    (
        "a number that is infinite",
        {},
        "thresholds: {min_ratio: 1e999}\n",
        ['config.yaml:10:14: thresholds.min_ratio: needs a number, not "1e999"'],
    ),
    (
        "a truth value that is neither",
        {"{name: B, match: b}": "{name: B, when_several_of: [A, B], replaces: maybe}"},
        "",
        ['config.yaml:3:81: taxonomy.categories[1].replaces: needs true or false, not "maybe"'],
    ),
    (
        "a section that is text",
        {},
        "inference: quick\n",
        ['config.yaml:10:1: inference: needs keys with values (a mapping), not "quick"'],
    ),
    (
        "a section without a value",
        {},
        "inference:\n",
        ["config.yaml:10:1: inference: has no value; it needs keys with values (a mapping)"],
    ),
    (
        "a scale with one end",
        {},
        "figures: [{id: main, panels: [left], scale: [0]}]\n",
        ["config.yaml:10:38: figures[0].scale: has too few entries (1)"],
    ),
    (
        "a scale with three",
        {},
        "figures: [{id: main, panels: [left], scale: [0, 0.5, 1]}]\n",
        ["config.yaml:10:38: figures[0].scale: needs at most 2 entries, not 3"],
    ),
    (
        "a scale upside down",
        {},
        "figures: [{id: main, panels: [left], scale: [1, 0]}]\n",
        ["config.yaml:10:38: figures[0].scale: needs the lower end first, then the higher one"],
    ),
    (
        "a figure without panels",
        {},
        "figures: [{id: main, panels: []}]\n",
        ["config.yaml:10:22: figures[0].panels: is empty; it needs at least one entry"],
    ),
    (
        "an unknown scheme",
        {},
        "figures: [{id: main, panels: [left], scheme: virdis}]\n",
        [
            'config.yaml:10:38: figures[0].scheme: "virdis" is not one of yellowgreenblue, viridis, cividis, blues, greys, orangeblue, purplegreen, redblue, blueorange (did you mean "viridis"?)'
        ],
    ),
    (
        "an amount of memory without a unit",
        {},
        "engine: {memory: 4}\n",
        ['config.yaml:10:10: engine.memory: needs an amount of memory such as 4GB, not "4"'],
    ),
    (
        "a delimiter of two characters",
        {"source: d.csv": "source: {path: d.csv, delimiter: ';;'}"},
        "",
        ['config.yaml:5:52: entities.datasets.source.delimiter: needs a single character, not ";;"'],
    ),
    (
        "labels without a column",
        {"labels: l}": "labels: {separator: ';'}}"},
        "",
        ["config.yaml:5:45: entities.datasets.labels.column: is required and missing"],
    ),
    (
        "aliases that are a list",
        {"labels: l}": "labels: l, aliases: [a]}"},
        "",
        [
            "config.yaml:5:56: entities.datasets.aliases: needs keys with values (a mapping) or text, not a list of one entry"
        ],
    ),
    (
        "an alias without a value",
        {"labels: l}": "labels: l, aliases: {a: }}"},
        "",
        ["config.yaml:5:66: entities.datasets.aliases.a: has no value; it needs text"],
    ),
    (
        "an attribute that is a list",
        {"labels: l}": "labels: l, owner: [author]}"},
        "",
        ["config.yaml:5:56: entities.datasets.owner: needs text, not a list of one entry"],
    ),
    (
        "an unknown output",
        {},
        "outputs: [htm, pdf]\n",
        [
            'config.yaml:10:11: outputs[0]: "htm" is not one of html, pdf, markdown, figures, data, latex, typst, quarto, embed, docx (did you mean "html"?)'
        ],
    ),
    (
        "an unknown option of an output",
        {},
        "outputs: [pdf: {papr: a4}]\n",
        [
            'config.yaml:10:17: outputs[0].pdf.papr: unknown key; known keys here are paper, columns (did you mean "paper"?)'
        ],
    ),
    (
        "a width that is neither word nor number",
        {},
        "outputs: [figures: {width: dubble}]\n",
        [
            'config.yaml:10:21: outputs[0].figures.width: needs single, one-and-half, double or a number, not "dubble" (did you mean "double"?)'
        ],
    ),
    (
        "a width too small",
        {},
        "outputs: [figures: {width: 5}]\n",
        [
            'config.yaml:10:21: outputs[0].figures.width: needs single, one-and-half, double or a number over 20, not "5"'
        ],
    ),
    (
        "outputs that are no names",
        {},
        "outputs: [[html]]\n",
        ["config.yaml:10:1: outputs: needs a list of names and one-key mappings"],
    ),
    (
        "no outputs",
        {},
        "outputs: []\n",
        ["config.yaml:10:1: outputs: names no output; leave the key out for all of them"],
    ),
    (
        "an output twice",
        {},
        "outputs: [html, pdf, html: {bundle: inline}]\n",
        ['config.yaml:10:22: outputs[2]: "html" is in the list already'],
    ),
    (
        "a kind of finding that comes with a section",
        {},
        "findings: [trend]\n",
        ['config.yaml:10:12: findings[0]: no package that is installed has "trend"'],
    ),
    (
        "a removed threshold",
        {},
        "thresholds: {moderate: 0.8}\n",
        [
            (
                "config.yaml:10:14: thresholds.moderate: `moderate` was removed: shares from 75%, 50% and 25% on are "
                "always called high, moderate and low"
            )
        ],
    ),
    (
        "a removed line of a panel",
        {},
        "panels: [{id: left, relation: trained_on, given: datasets, outcome: models, reading: Read it}]\n",
        ["config.yaml:10:77: panels[0].reading: `reading` was removed: the line that explains a cell is generated"],
    ),
    (
        "removed limits",
        {},
        "engine: {rows: 5, temporary: /scratch}\n",
        [
            "config.yaml:10:10: engine.rows: `rows` was removed: `limits: 10` multiplies all limits on input by ten",
            (
                "config.yaml:10:19: engine.temporary: `temporary` was removed: the system's temporary folder is used; "
                "set TMPDIR for another one"
            ),
        ],
    ),
    (
        "a url that is no address",
        {},
        "url: example.org\n",
        ["config.yaml:10:1: url: needs the address of the published report, such as https://example.org/report/"],
    ),
    (
        "names with capitals",
        {"  datasets:": "  DataSets:", "entity: datasets": "entity: DataSets"},
        "",
        [
            'config.yaml:5:3: entities.DataSets: the name "DataSets" needs small letters, digits and _, beginning with a letter'
        ],
    ),
    (
        "a panel id with a dash",
        {},
        "panels: [{id: left-panel, relation: trained_on, given: datasets, outcome: models}]\n",
        [
            'config.yaml:10:11: panels[0].id: needs small letters, digits and _, beginning with a letter, not "left-panel"'
        ],
    ),
    (
        "an unknown entity in links",
        {"entity: datasets": "entity: dataset"},
        "",
        [
            'config.yaml:9:35: relations.trained_on.links.from.entity: "dataset" is not one of the entities: datasets, models (did you mean "datasets"?)'
        ],
    ),
    (
        "an unknown entity in a shared relation",
        {LINKS: "    shared: {key: owner, entities: [datasets, model]}\n"},
        "",
        [
            'config.yaml:9:47: relations.trained_on.shared.entities[1]: "model" is not one of the entities: datasets, models (did you mean "models"?)'
        ],
    ),
    (
        "an unknown relation",
        {},
        "panels: [{id: left, relation: trained, given: datasets, outcome: models}]\n",
        [
            'config.yaml:10:21: panels[0].relation: "trained" is not one of the relations: trained_on (did you mean "trained_on"?)'
        ],
    ),
    (
        "a kind that is not the relation's",
        {},
        "panels: [{id: left, relation: trained_on, given: datasets, outcome: model}]\n",
        [
            'config.yaml:10:60: panels[0].outcome: "model" is not one of the two kinds of trained_on: datasets, models (did you mean "models"?)'
        ],
    ),
    (
        "a panel with the same kind twice",
        {},
        "panels: [{id: left, relation: trained_on, given: datasets, outcome: datasets}]\n",
        ['config.yaml:10:60: panels[0].outcome: "datasets" is the given category; the outcome is "models"'],
    ),
    (
        "entities instead of roles",
        {"entity: datasets": "entity: models"},
        "panels: [{id: left, relation: trained_on, given: models, outcome: to}]\n",
        ['config.yaml:10:43: panels[0].given: "models" is not one of the two kinds of trained_on: from, to'],
    ),
    (
        "entities instead of sides of records",
        {LINKS: "    records: {source: s.csv, rows: {column: a}, columns: {column: b}}\n"},
        "panels: [{id: left, relation: trained_on, given: row, outcome: columns}]\n",
        [
            'config.yaml:10:43: panels[0].given: "row" is not one of the two kinds of trained_on: rows, columns (did you mean "rows"?)'
        ],
    ),
    (
        "a panel id twice",
        {},
        "panels:\n  - {id: left, relation: trained_on, given: datasets, outcome: models}\n  - {id: left, relation: trained_on, given: datasets, outcome: models}\n",
        ['config.yaml:12:6: panels[1].id: "left" is also the id of panels[0]; each id appears once'],
    ),
    (
        "a panel id that is a function",
        {},
        "panels: [{id: surely, relation: trained_on, given: datasets, outcome: models}]\ntext: {}\n",
        ['config.yaml:10:11: panels[0].id: "surely" has a meaning of its own in authored text; choose another id'],
    ),
    (
        "a panel id that is a file",
        {},
        "panels: [{id: coverage, relation: trained_on, given: datasets, outcome: models}]\n",
        ['config.yaml:10:11: panels[0].id: "coverage" is a file of its own in the data folder; choose another id'],
    ),
    (
        "a figure id twice",
        {},
        "figures: [{id: main, panels: [left]}, {id: main, panels: [right]}]\n",
        ['config.yaml:10:40: figures[1].id: "main" is also the id of figures[0]; each id appears once'],
    ),
    (
        "an unknown panel",
        {},
        "figures: [{id: main, panels: [left, rigth]}]\n",
        [
            'config.yaml:10:37: figures[0].panels[1]: "rigth" is not one of the panels: left, right (did you mean "right"?)'
        ],
    ),
    (
        "a panel twice in one figure",
        {},
        "figures: [{id: main, panels: [left, left]}]\n",
        ['config.yaml:10:37: figures[0].panels[1]: "left" is in this figure already'],
    ),
    (
        "a figure of two measures",
        {},
        "panels:\n  - {id: a, relation: trained_on, given: datasets, outcome: models}\n  - {id: b, relation: trained_on, given: datasets, outcome: models, measure: lift}\nfigures: [{id: main, panels: [a, b]}]\n",
        [
            "config.yaml:13:22: figures[0].panels: a figure has one scale, so one measure; these panels show conditional and lift"
        ],
    ),
    (
        "an unknown measure",
        {},
        "panels: [{id: left, relation: trained_on, given: datasets, outcome: models, measure: conditonal}]\n",
        [
            f'config.yaml:10:77: panels[0].measure: "conditonal" is not one of the measures: {MEASURE_NAMES} (did you mean "conditional"?)'
        ],
    ),
    (
        "guards of what is not there",
        {},
        "expect: {rows: {model: 10}}\n",
        [
            'config.yaml:10:17: expect.rows.model: "model" is not one of the entities and relations: datasets, models, trained_on (did you mean "models"?)'
        ],
    ),
    (
        "guards below nothing",
        {},
        "expect: {rows: {models: -1}, unlabelled: 30}\n",
        [
            'config.yaml:10:17: expect.rows.models: needs a number of at least 0, not "-1"',
            'config.yaml:10:30: expect.unlabelled: needs a number of at most 1, not "30"',
        ],
    ),
    (
        "no taxonomy",
        {"taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}\n": ""},
        "",
        ["config.yaml: taxonomy: is required and missing: it says which raw labels belong to which category"],
    ),
    (
        "taxonomy and taxonomies",
        {},
        "taxonomies: {a: {categories: [{name: A}]}}\n",
        ["config.yaml:10:1: taxonomies: taxonomy and taxonomies exclude each other; move the one into the other"],
    ),
    (
        "an unknown taxonomy",
        {"labels: l}": "labels: l, taxonomy: skills}"},
        "",
        ['config.yaml:5:56: entities.datasets.taxonomy: "skills" is not one of the taxonomies: default'],
    ),
    (
        "several taxonomies and none named",
        {
            "taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}": "taxonomies: {x: {categories: [{name: A}]}, y: {categories: [{name: B}]}}"
        },
        "",
        [
            "config.yaml:5:3: entities.datasets.taxonomy: is required: there are several taxonomies, x, y",
            "config.yaml:6:3: entities.models.taxonomy: is required: there are several taxonomies, x, y",
        ],
    ),
    (
        "an unknown preset",
        {"{categories:": "{preset: hub-figure8, categories:"},
        "",
        [
            'config.yaml:3:12: taxonomy.preset: "hub-figure8" is not a known preset: hub-figure9@2026-08, hub-modality7@2026-08 (did you mean "hub-figure9@2026-08"?)'
        ],
    ),
    (
        "a preset of a month that there is not",
        {"{categories:": "{preset: hub-figure9@2020-01, categories:"},
        "",
        [
            'config.yaml:3:12: taxonomy.preset: "hub-figure9@2020-01" is not a known preset: hub-figure9@2026-08, hub-modality7@2026-08 (did you mean "hub-figure9@2026-08"?)'
        ],
    ),
    (
        "a pattern that is none",
        {"match: b": "pattern: [ok, 'a(b']"},
        "",
        ['config.yaml:3:70: taxonomy.categories[1].pattern[1]: "a(b" is not a regular expression (RE2): missing )'],
    ),
    (
        "unknown categories",
        {"{name: B, match: b}]": "{name: B, when_several_of: [A, C]}], order: [AA], unmatched: Othr"},
        "",
        [
            'config.yaml:3:77: taxonomy.categories[1].when_several_of[1]: "C" is not one of the categories: A, B',
            'config.yaml:3:91: taxonomy.order[0]: "AA" is not one of the categories: A, B (did you mean "A"?)',
            'config.yaml:3:96: taxonomy.unmatched: "Othr" is neither report, error nor one of the categories: A, B',
        ],
    ),
    (
        "several of one",
        {"{name: B, match: b}": "{name: B, when_several_of: [A]}"},
        "",
        ["config.yaml:3:56: taxonomy.categories[1].when_several_of: needs at least two categories"],
    ),
    (
        "replaces with nothing to replace",
        {"match: b": "match: b, replaces: true"},
        "",
        [
            "config.yaml:3:66: taxonomy.categories[1].replaces: belongs to when_several_of: there is nothing to replace without it"
        ],
    ),
    (
        "misspelt keys among attributes",
        {"{label: Dataset, source: d.csv, labels: l}": "{label: Dataset, soruce: d.csv, lables: l, owner: author}"},
        "",
        [
            'config.yaml:5:30: entities.datasets.soruce: unknown key (did you mean "source"?); if it is an attribute of your own, give it another name',
            'config.yaml:5:45: entities.datasets.lables: unknown key (did you mean "labels"?); if it is an attribute of your own, give it another name',
        ],
    ),
    (
        "an entity without a label",
        {"{label: Model, ": "{"},
        "",
        ["config.yaml:6:3: entities.models.label: is required and missing"],
    ),
    (
        "an entity in use without a source or labels",
        {"{label: Model, source: m.csv, labels: l}": "{label: Model}"},
        "",
        [
            "config.yaml:6:3: entities.models.labels: is required and missing: relation trained_on counts these items",
            "config.yaml:6:3: entities.models.source: is required and missing: relation trained_on counts these items",
        ],
    ),
    (
        "a source without a path",
        {"source: m.csv": "source: {format: csv}"},
        "",
        ["config.yaml:6:26: entities.models.source: needs a path: the file to read"],
    ),
    (
        "an unknown file format",
        {"source: m.csv": "source: {path: m.xls, format: xls}"},
        "",
        [
            'config.yaml:6:48: entities.models.source.format: "xls" is not one of the formats: csv, tsv, json, jsonl, parquet, xlsx (did you mean "xlsx"?)'
        ],
    ),
    (
        "a relation of two forms",
        {LINKS: LINKS + "    shared: {key: owner, entities: [datasets, models]}\n"},
        "",
        [
            "config.yaml:8:3: relations.trained_on: needs exactly one of links, shared, records, matrix; it has links, shared"
        ],
    ),
    (
        "a relation of no form",
        {LINKS: "    label: trained on\n"},
        "",
        [
            "config.yaml:8:3: relations.trained_on: needs exactly one of links, shared, records, matrix; it has none of them"
        ],
    ),
    (
        "no relations",
        {
            "relations:\n  trained_on:\n    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}\n": "relations: {}\n"
        },
        "",
        ["config.yaml:7:1: relations: is empty; it needs at least one entry"],
    ),
    (
        "fractional counting of items",
        {LINKS: LINKS + "    counting: fractional\n"},
        "",
        ["config.yaml:10:5: relations.trained_on.counting: fractional counting is of links: it needs unit: link"],
    ),
    (
        "a population of another form",
        {LINKS: LINKS + "    population: both\n"},
        "",
        [
            'config.yaml:10:5: relations.trained_on.population: "both" is not for links; here it is labelled, or left out'
        ],
    ),
    (
        "an unknown population",
        {LINKS: LINKS + "    population: bot\n"},
        "",
        [
            'config.yaml:10:5: relations.trained_on.population: "bot" is not one of either, both, labelled (did you mean "both"?)'
        ],
    ),
    (
        "a unit where there is no choice",
        {LINKS: "    records: {source: s.csv, rows: {column: a}, columns: {column: b}}\n    unit: link\n"},
        "",
        [
            "config.yaml:10:5: relations.trained_on.unit: only links have a choice of unit; this relation counts its records"
        ],
    ),
    (
        "activity of links and as group",
        {LINKS: LINKS + "    unit: link\n    strata: [via, activity]\n    group: activity\n"},
        "",
        [
            "config.yaml:11:19: relations.trained_on.strata[1]: activity is how many items a unit has on each side; a link has one at each end",
            "config.yaml:12:5: relations.trained_on.group: activity makes strata, not groups; a group is a column",
        ],
    ),
    (
        "a weight of links whose unit is an item",
        {"column: t}}": "column: t}, weight: w}"},
        "",
        [
            "config.yaml:9:98: relations.trained_on.links.weight: weighs links, so it needs unit: link; with unit: to the weight is that of the items (entities.models.weight)"
        ],
    ),
    (
        "a weight over a shared key",
        {
            "labels: l}": "labels: l, weight: downloads}",
            LINKS: "    shared: {key: owner, entities: [datasets, models]}\n",
        },
        "",
        [
            "config.yaml:9:37: relations.trained_on.shared.entities[0]: items with a weight cannot be counted by a shared key; take out entities.datasets.weight"
        ],
    ),
    (
        "a table of links without a column",
        {"entity: models, column: t": "entity: models"},
        "",
        [
            "config.yaml:9:65: relations.trained_on.links.to.column: is required and missing: which column of the links names the item?"
        ],
    ),
    (
        "a list column at both ends",
        {"source: k.csv, ": ""},
        "",
        [
            "config.yaml:9:5: relations.trained_on.links: without a source, exactly one of from and to has a column: the list column of that entity"
        ],
    ),
    (
        "one entity in a shared relation",
        {LINKS: "    shared: {key: owner, entities: [datasets]}\n"},
        "",
        ["config.yaml:9:26: relations.trained_on.shared.entities: has too few entries (1)"],
    ),
    (
        "a misspelt key deep down",
        {"column: s}": "colum: s}"},
        "",
        [
            "config.yaml:9:28: relations.trained_on.links.from.column: is required and missing: which column of the links names the item?",
            'config.yaml:9:53: relations.trained_on.links.from.colum: unknown key; known keys here are entity, column, separator, prefix, label, plural (did you mean "column"?)',
        ],
    ),
    (
        "a matrix without panels",
        {LINKS: "    matrix: {left: l.csv}\n"},
        "",
        [
            "config.yaml:9:5: relations.trained_on.matrix: needs its panels written out: they say which kind is given and which the outcome"
        ],
    ),
    (
        "a matrix whose files are not its panels",
        {LINKS: "    matrix: {left: l.csv, rigth: r.csv}\n    unit: to\n"},
        "panels:\n  - {id: left, relation: trained_on, given: datasets, outcome: models}\n  - {id: right, relation: trained_on, given: models, outcome: dataset}\n",
        [
            'config.yaml:9:27: relations.trained_on.matrix.rigth: "rigth" is no panel of this relation: left, right (did you mean "right"?)',
            "config.yaml:10:5: relations.trained_on.unit: a matrix has no units to count; leave this key out",
            "config.yaml:13:6: panels[1].id: relations.trained_on.matrix has no file for this panel",
            'config.yaml:13:54: panels[1].outcome: "dataset" is not one of the entities: datasets, models (did you mean "datasets"?)',
        ],
    ),
    (
        "a password in an address",
        {"source: m.csv": "source: https://me:secret@example.org/m.csv"},
        "url: https://me:secret@example.org/\n",
        [
            "config.yaml:6:26: entities.models.source: an address must not contain a user name or password; remove the part before @",
            "config.yaml:10:1: url: an address must not contain a user name or password; remove the part before @",
        ],
    ),
    (
        "a password in a value that is wrong anyway",
        {},
        "inference: {seed: 'https://me:secret@example.org/'}\n",
        [
            "config.yaml:10:13: inference.seed: an address must not contain a user name or password; remove the part before @",
            'config.yaml:10:13: inference.seed: needs a whole number, not "https://…@example.org/"',
        ],
    ),
    (
        "an address of another kind",
        {"source: m.csv": "source: ftp://host/m.csv"},
        "",
        ["config.yaml:6:26: entities.models.source: ftp:// addresses are not read; give a file"],
    ),
    (
        "an address of the Hub that names no file",
        {"source: d.csv": "source: hf://datasets/a/b.csv"},
        "",
        [
            (
                'config.yaml:5:30: entities.datasets.source: "hf://datasets/a/b.csv" does not name a file; write '
                "hf://datasets/OWNER/NAME/FILE, with @REVISION after NAME where it is not the main branch"
            )
        ],
    ),
    (
        "a step without a date",
        {},
        "snapshots: {every: month}\n",
        [
            (
                "config.yaml:10:13: snapshots.every: is the step of a series by a date; it needs by: which attribute or "
                "column has the date?"
            )
        ],
    ),
    (
        "a change since the last snapshot",
        {},
        "expect: {change: 0.2}\n",
        ["config.yaml:10:10: expect.change: `change` was removed: write `snapshots: {most_change: 0.2}`"],
    ),
    (
        "settings of snapshots that are none",
        {},
        "snapshots: {keep: {weekly: some}, stale_after: soon, matters: {share: 2, ratio: 1}}\n",
        [
            'config.yaml:10:20: snapshots.keep.weekly: needs all or a whole number, not "some"',
            'config.yaml:10:35: snapshots.stale_after: needs a length of time such as 60 days, not "soon"',
            'config.yaml:10:64: snapshots.matters.share: needs a number of at most 1, not "2"',
            'config.yaml:10:74: snapshots.matters.ratio: needs a number over 1, not "1"',
        ],
    ),
    (
        "columns of the PDF that are none",
        {},
        "outputs: [html: {bundle: shared}, pdf: {columns: 3}]\n",
        ['config.yaml:10:41: outputs[1].pdf.columns: "3" is not one of 1, 2'],
    ),
    (
        "options of the page that are none",
        {},
        "outputs: [html: {bundle: sharde, fragment: maybe, front_matter: hugoo}]\n",
        [
            'config.yaml:10:18: outputs[0].html.bundle: "sharde" is not one of inline, shared (did you mean "shared"?)',
            'config.yaml:10:34: outputs[0].html.fragment: needs true or false, not "maybe"',
            (
                'config.yaml:10:51: outputs[0].html.front_matter: "hugoo" is not one of mkdocs, sphinx, hugo, jekyll, '
                'quarto, eleventy, vitepress, astro, observable (did you mean "hugo"?)'
            ),
        ],
    ),
    (
        "a relation's own taxonomy that is unknown",
        {LINKS: "    records: {source: s.csv, rows: {column: a, taxonomy: skills}, columns: {column: b}}\n"},
        "",
        [
            'config.yaml:9:48: relations.trained_on.records.rows.taxonomy: "skills" is not one of the taxonomies: default'
        ],
    ),
]


MANY = [
    'config.yaml:1:1: version: needs 1, not "2"',
    'config.yaml:2:1: raport: unknown key; known keys here are version, report, taxonomy, taxonomies, entities, relations, panels, figures, inference, expect, thresholds, findings, outputs, disclosure, engine, url, fonts, scan, snapshots, text (did you mean "report"?)',
    "config.yaml:3:10: report.title: has no value; it needs text",
    'config.yaml:3:19: report.date: needs data or a date such as 2026-08-01, not "2026"',
    "config.yaml:3:31: report.title: is written twice; first at line 3, column 10",
    'config.yaml:6:19: taxonomy.categories[0].pattern: "a(b" is not a regular expression (RE2): missing )',
    "config.yaml:8:3: entities.models.label: is required and missing",
    "config.yaml:8:3: entities.models.source: is required and missing: relation trained_on counts these items",
    'config.yaml:9:5: entities.models.lables: unknown key (did you mean "labels"?); if it is an attribute of your own, give it another name',
    'config.yaml:12:35: relations.trained_on.links.from.entity: "dataset" is not one of the entities: models',
    "config.yaml:12:64: relations.trained_on.links.to.column: is required and missing: which column of the links names the item?",
    'config.yaml:13:5: relations.trained_on.unit: "lnk" is not one of link, from, to (did you mean "link"?)',
    'config.yaml:16:6: panels[0].id: "percent" has a meaning of its own in authored text; choose another id',
    'config.yaml:16:19: panels[0].relation: "trained" is not one of the relations: trained_on (did you mean "trained_on"?)',
    f'config.yaml:16:60: panels[0].measure: "npmy" is not one of the measures: {MEASURE_NAMES} (did you mean "npmi"?)',
    'config.yaml:17:13: inference.level: needs a number under 1, not "2"',
    'config.yaml:17:23: inference.seed: needs a whole number, not "many"',
    'config.yaml:18:23: engine.threads: needs a whole number, not "1.5"',
]


@pytest.mark.parametrize(("swaps", "added", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_wrong(small, problems_of, swaps, added, lines):
    text = small
    for old, new in swaps.items():
        assert old in text
        text = text.replace(old, new, 1)
    assert problems_of(text + added) == lines


@pytest.mark.parametrize("name", [*FUNCTIONS, *PREDICATES, "date", "claim", "otherwise", "if"])
def test_no_panel_may_have_the_name_of_a_function_of_authored_text(name, small, problems_of):
    panel = f"panels: [{{id: {name}, relation: trained_on, given: datasets, outcome: models}}]\n"
    fault = f'config.yaml:10:11: panels[0].id: "{name}" has a meaning of its own in authored text; choose another id'
    assert fault in problems_of(small + panel + "text: {}\n")


def test_without_authored_text_a_panel_may_have_the_name_of_a_function(small, tmp_path):
    panel = "panels: [{id: percent, relation: trained_on, given: datasets, outcome: models}]\n"
    (tmp_path / "config.yaml").write_text(small + panel, encoding="utf-8")
    assert [panel.id for panel in load_config(tmp_path / "config.yaml").config.panels] == ["percent"]


@pytest.mark.parametrize("name", sorted({Path(path).stem for path in DATA_FILES} - {*FUNCTIONS}))
def test_no_panel_can_be_called_as_another_file_of_the_data_folder(name, small, problems_of):
    panel = f"panels: [{{id: {name}, relation: trained_on, given: datasets, outcome: models}}]\n"
    (said,) = problems_of(small + panel)
    assert said.endswith("is a file of its own in the data folder; choose another id")


def test_hardly_anything(problems_of):
    assert problems_of("version: 1\n") == [
        "config.yaml: relations: is required and missing",
        "config.yaml: report: is required and missing",
    ]


def test_all_problems_come_in_one_run_in_file_order(problems_of):
    text = """\
version: 2
raport: {titel: x}
report: {title: , date: 2026, title: again}
taxonomy:
  categories:
    - {name: NLP, pattern: "a(b"}
entities:
  models:
    lables: x
relations:
  trained_on:
    links: {source: x.csv, from: {entity: dataset, column: a}, to: {entity: models}}
    unit: lnk
    counting: fractional
panels:
  - {id: percent, relation: trained, given: x, outcome: y, measure: npmy}
inference: {level: 2, seed: many}
engine: {name: spark, threads: 1.5}
text: {}
"""
    assert problems_of(text) == MANY


def test_a_known_key_is_not_called_unknown_because_others_are_wrong(problems_of):
    """`records` has two wrong entries, and no form of a relation fits."""
    config = (
        "version: 1\nreport: {title: T}\nrelations: {a: {records: {source: t.csv, rows: {colum: x}}}}\n"
        "panels: [{id: p, relation: a, given: rows, outcome: columns, measure: count}]\n"
        "figures: [{id: f, panels: [p]}]\n"
    )
    found = "\n".join(problems_of(config))
    assert "rows.colum: unknown key" in found
    assert "records.columns: is required" in found
    assert "relations.a.records: unknown key" not in found
