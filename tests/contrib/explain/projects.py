"""Projects so small that every number of an explanation can be counted by hand."""

DATASETS = "id,tasks\nd1,text\nd2,text|speech\nd3,photo\nd4,photo\n"
MODELS = "id,tasks,stars\nm1,text,5\nm2,text,7\nm3,photo,2\nm4,photo,9\nm5,text,1\nm6,,3\n"
LINKS = "source,target\nd1,m1\nd2,m2\nd1,m3\nd3,m3\nd4,m4\nd3,m5\nd2,m6\n"

TAXONOMY = """
taxonomy:
  categories:
    - {name: NLP, match: [text]}
    - {name: CV, match: [photo]}
    - {name: Audio, pattern: "^spee"}
"""

ENTITIES = """
entities:
  datasets: {label: Dataset, source: datasets.csv, id: id, labels: {column: tasks, separator: "|"}}
  models: {label: Model, source: models.csv, id: id, labels: {column: tasks, separator: "|"}WEIGHT}
"""

TRAINED_ON = """
relations:
  trained_on:
    label: trained on
    label_reversed: used for
    links: {source: links.csv, from: {entity: datasets, column: source}, to: {entity: models, column: target}}
"""

HEAD = "version: 1\npublic: [items, records, keys, strata]\nreport: {title: Tiny}\ninference: {minimum_units: 1, minimum_groups: 2}\n"

RECORDS = "skills,jobs\npython;sql,engineer\npython,engineer\nsql,analyst\npython;sql,engineer\ndraw,\n"

SURVEY = """
relations:
  survey:
    records:
      source: answers.csv
      rows: {column: skills, separator: ";"}
      columns: {column: jobs, separator: ";"}
"""

OWNED = {
    "datasets": "id,tasks,owner\nd1,text,ann\nd2,text|speech,bob\nd3,photo,cat\nd4,photo,ann\n",
    "models": "id,tasks,owner\nm1,text,ann\nm2,text,bob\nm3,photo,cat\nm4,photo,dan\n",
}

OWNERS = """
relations:
  owners:
    shared: {key: owner, entities: [datasets, models]}
"""

BASE = """
relations:
  base_model:
    label: made from
    links:
      source: bases.csv
      from: {entity: models, column: base, label: Base}
      to: {entity: models, column: made, label: Derived}
"""

MATRIX = """
entities:
  skills: {label: Skill}
  jobs: {label: Job}
relations:
  published:
    matrix: {left: left.csv}
panels:
  - {id: left, relation: published, given: skills, outcome: jobs, measure: conditional}
figures:
  - {id: main, panels: [left]}
"""


def write(folder, *parts, weight="", files=None):
    """Write a project's files and config; return the path of the config."""
    for name, text in (
        {"datasets.csv": DATASETS, "models.csv": MODELS, "links.csv": LINKS} if files is None else files
    ).items():
        (folder / name).write_text(text, "utf-8")
    config = folder / "config.yaml"
    config.write_text((HEAD + "".join(parts)).replace("WEIGHT", weight), "utf-8")
    return config


def write_links(folder):
    """Write the project over links; return the path of its config."""
    return write(folder, TAXONOMY, ENTITIES, TRAINED_ON)
