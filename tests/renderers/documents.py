"""Documents to render: a small one whose every part is there once, and one as long as a real report."""

import datetime as dt
from html import escape

from diptych.cells import Cell, CellRef, Kind, MeasureInfo, Panel, Unit
from diptych.document import (
    Author,
    Column,
    Document,
    Download,
    Figure,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
    View,
)
from tests.cells import whole_cells

NASTY = '<&"%_~^\\{}#$|*[]'
SCRIPT = "</script><script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"

CONDITIONAL = MeasureInfo("conditional", "share", "n_ab / n_a", 0.0, 1.0, None, diverging=False, symmetric=False)
DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")
MODEL = Unit("to", "model", "models")


def cell(names, joint, margins, total, few):
    """A cell from its four counts; its interval is Wilson's, good enough to look at."""
    (given, outcome), (margin_a, margin_b) = names, margins
    state = "no_given" if not margin_a else "no_outcome" if not margin_b else "few" if margin_a < few else "measured"
    if not margin_a or not margin_b:
        return Cell(given, outcome, joint, margin_a, margin_b, total, *[None] * 10, None, state)
    share, z = joint / margin_a, 1.96
    middle = (share + z * z / (2 * margin_a)) / (1 + z * z / margin_a)
    half = z / (1 + z * z / margin_a) * (share * (1 - share) / margin_a + z * z / (4 * margin_a**2)) ** 0.5
    expected = margin_a * margin_b / total
    return Cell(
        given, outcome, float(joint), margin_a, margin_b, total, share, max(0.0, middle - half), min(1.0, middle + half),
        margin_b / total, expected, joint / expected, None, None, None, None, 0.01 if joint else None, state,
    )  # fmt: skip


def panel(name, kinds, categories, joint, margins, *, total, few=10):
    """A panel over one taxonomy from its joint counts (rows given) and its two margins."""
    given, outcome = kinds
    cells = whole_cells(
        cell((a, b), joint[i][j], (margins[0][i], margins[1][j]), total, few)
        for i, a in enumerate(categories)
        for j, b in enumerate(categories)
    )
    return Panel(
        name, "trained_on", given, outcome, categories, categories, CONDITIONAL, MODEL, total, 559, 0.95, cells,
        mirror={"left": "right", "right": "left"}[name], same_taxonomy=True,
    )  # fmt: skip


def svg(panels):
    """A drawing of panels side by side: squares, their names, and an id that two figures would share."""
    step, parts, width = 34, [], 0
    for number, one in enumerate(panels):
        names, x0 = one.given_categories, 90 + number * (110 + 34 * len(one.given_categories))
        squares = []
        for i, a in enumerate(names):
            parts.append(f'<text x="{x0 - 6}" y="{30 + step * i + 20}" text-anchor="end">{escape(a)}</text>')
            for j, b in enumerate(names):
                value = one.cell(a, b).value or 0
                shade = f"rgb({int(255 - 220 * value)},{int(255 - 180 * value)},{int(217 - 90 * value)})"
                squares.append(f'<path d="M{step * j},{step * i}h{step}v{step}h-{step}Z" fill="{shade}"/>')
        name = f"mark-rect role-mark {one.id}_cells_marks"
        parts.append(f'<g><g class="{name}" transform="translate({x0},30)">{"".join(squares)}</g></g>')
        parts.append(f'<rect fill="url(#gradient_0)" x="{x0 + step * len(names) + 4}" y="30" width="8" height="60"/>')
        width = x0 + step * len(names) + 16
    height = 40 + step * len(panels[0].given_categories)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="marks" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="Diptych Sans" font-size="11">'
        '<defs><linearGradient id="gradient_0"><stop offset="0" stop-color="#ffffd9"/></linearGradient></defs>'
        f"{''.join(parts)}</svg>"
    )


def figure(name, title, panels):
    """A figure with its drawings: the whole, and each panel wide and narrow."""
    views = tuple(
        View(one.id, svg((one,)), svg((one,)) + " ", tuple(range(len(one.given_categories)))) for one in panels
    )
    return Figure(name, title, svg(panels), panels, views=views)


def sentence(name, *parts, cells=(), origin="computed"):
    """A sentence; parts are texts, or Spans where they are not plain."""
    spans = tuple(part if isinstance(part, Span) else Span(part) for part in parts)
    return Sentence(name, spans, tuple(CellRef(*ref) for ref in cells), origin)


def small(names=("NLP", "CV"), title="Small report", date=dt.date(2026, 3, 2)):
    """Two categories, six models: every kind of block once. Left joint counts 3 1 / 0 2."""
    a, b = names
    left = panel("left", (DATASETS, MODELS), names, [[3, 1], [0, 2]], [[4, 2], [3, 3]], total=6, few=3)
    right = panel("right", (MODELS, DATASETS), names, [[3, 0], [1, 2]], [[3, 3], [4, 2]], total=6, few=3)
    abstract = Section(
        "abstract",
        "Abstract",
        (
            Paragraph((
                sentence("population:trained_on", "The figure describes 6 models of 8."),
                sentence(f"sharing:{a}:{b}", "Of the 4 models trained on ", Span(a, "strong"), " data, 1 is a ",
                         Span(b, "emphasis"), " model.", cells=[("left", a, b)]),
            )),
            FigureBlock("main", (sentence("caption:main", "Left given data, right given models; n = 6."),), f"Two matrices of {a} and {b}."),
        ),
    )  # fmt: skip
    findings = Section(
        "findings",
        "Key findings",
        (
            ItemList((
                Paragraph((sentence(f"self:{a}", "3 of 4.", cells=[("left", a, a), ("right", a, a)]),
                           sentence(f"self:{a}:more", "That is most."))),
                Paragraph((sentence(f"self:{b}", f"{b}: all 2."), sentence("authored:1", "We had expected that.", origin="authored"))),
            )),
            TableBlock("cells", "Cells that matter.", (Column("Given"), Column("Outcome"), Column("n", "right")),
                       ((a, b, "1"),), row_headers=2, source="data/left.csv"),
        ),
    )  # fmt: skip
    author = Author(name="Ada Example", orcid="0000-0002-1825-0097")
    return Document(
        title=title,
        subtitle="Two categories, six models",
        authors=(author,),
        date=date,
        language="en",
        url="https://example.org/report/",
        version="0.1.0",
        sections=(abstract, findings),
        figures=(figure("main", "Main", (left, right)),),
        downloads=(
            Download("data/left.csv", "left panel", b"given,outcome\n"),
            Download("data/right.csv", "right panel", b"given,outcome\n"),
        ),
    )


def nasty():
    """The small document with labels and a title that mean something in every markup language."""
    return small((NASTY, SCRIPT + IMAGE), title=f"{NASTY} {IMAGE}")


CATEGORIES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
JOINT = (
    (159, 0, 111, 20, 0, 0, 0, 0, 0),
    (39, 391, 0, 0, 0, 0, 0, 0, 0),
    (54, 0, 3372, 3, 0, 0, 0, 0, 0),
    (4, 0, 0, 169, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 13, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 20, 0, 0),
    (0, 0, 0, 0, 0, 4, 0, 3, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0),
)
DATA = (290, 430, 3429, 173, 0, 13, 20, 7, 0)
MODEL_COUNTS = (190, 391, 3435, 175, 0, 13, 20, 3, 0)


def demo():
    """A report as long as a real one, in the words of a model catalogue."""
    left = panel("left", (DATASETS, MODELS), CATEGORIES, JOINT, (DATA, MODEL_COUNTS), total=4227)
    right = panel(
        "right", (MODELS, DATASETS), CATEGORIES, tuple(zip(*JOINT, strict=True)), (MODEL_COUNTS, DATA), total=4227
    )
    return Document(
        title="Models and the data they were trained on",
        subtitle="How the categories of datasets go with the categories of models, in both directions",
        authors=(
            Author(name="Ada Example", orcid="0000-0002-1825-0097"),
            Author(name="Grace Sample"),
        ),
        date=dt.date(2026, 3, 2),
        language="en",
        url=None,
        version="0.1.0",
        sections=(*_opening(), _findings(), *_closing()),
        figures=(figure("main", "Datasets and models", (left, right)),),
        downloads=(
            Download("data/left.csv", "every number of the left panel", b"given,outcome\n"),
            Download("data/right.csv", "every number of the right panel", b"given,outcome\n"),
            Download("data/coverage.csv", "labelled, linked and unresolved, by category", b"x\n"),
            Download("figures/main.svg", "the figure, vector", b"<svg/>"),
            Download("report.json", "the whole report as data", b"{}"),
        ),
    )  # fmt: skip


def _plain(prefix, *texts):
    """A paragraph of plain sentences."""
    return Paragraph(tuple(sentence(f"{prefix}:{i}", text) for i, text in enumerate(texts)))


def _opening():
    multimodal = [("left", "Multimodal", "Multimodal"), ("left", "Multimodal", "CV"), ("left", "NLP", "Multimodal")]
    caption = (
        sentence("caption:main", "Left, of the models trained on data of a row's category, the share that are models of each column's. Right, of the models of a row's category, the share trained on at least one dataset of each column's."),
        sentence("caption:main:n", "n = 4,227 models of 5,074; hatched: no models; marked: fewer than ten."),
    )  # fmt: skip
    abstract = Paragraph((
        sentence("population:trained_on", "Of 5,074 models in a catalogue read from ten Python packages, 4,227 (83 %) name a training dataset that the catalogue holds; for 3,998 of these (95 %) data and model have exactly the same category."),
        sentence("bridge:Multimodal", "Almost every exception passes through one category: 225 of the 229 models that differ have Multimodal data or are Multimodal models.", cells=multimodal),
        sentence("strata:via", "Most packages cover one field, and knowing the package alone accounts for 79 % of the agreement beyond chance, so the figure shows how this catalogue is divided more than how models in general are trained."),
    ))  # fmt: skip
    alt = "Two nine by nine matrices on one scale from 0 to 1. In both the diagonal is darkest: CV 98 %, Audio 98 %, NLP 91 %, Graph and RL 100 %, Multimodal 55 % left and 84 % right. Tabular and Time Series are empty."
    reading = Paragraph((
        sentence("reading:left", "Left, a row takes the models trained on data of one category and gives the share that are models of each category."),
        sentence("reading:NLP:NLP", "Of the 430 models trained on NLP data, 91 % (85 to 96 %) are NLP models; of all other models, none.", cells=[("left", "NLP", "NLP")]),
        sentence("reading:expected:NLP", "Were the two unrelated, 40 such models would be expected; there are 391.", cells=[("left", "NLP", "NLP")]),
    ))  # fmt: skip
    return (
        Section("abstract", "Abstract", (abstract, FigureBlock("main", caption, alt))),
        Section("reading", "How to read this", (reading,)),
    )


def _findings():
    columns = (Column("Data"), Column("Models"), Column("n", "right"), Column("Left", "right"), Column("Right", "right"),
               Column("Expected", "right"), Column("Within packages", "right"), Column("Carried by"))  # fmt: skip
    facts = (
        ("NLP", "NLP", "391", "91 % (85 to 96 %)", "100 %", "40", "1.3", "mteb"),
        ("CV", "CV", "3,372", "98 % (97 to 99 %)", "98 %", "2,787", "1.0", "timm"),
        ("Audio", "Audio", "169", "98 % (85 % or more)", "97 %", "7", "1.1", "espnet_model_zoo"),
        ("Multimodal", "Multimodal", "159", "55 % (38 to 77 %)", "84 %", "13", "4.9", "mteb, timm"),
        ("Multimodal", "CV", "111", "38 % (16 to 56 %)", "3 %", "236", "0.6", "WebLI (60 of 111)"),
        ("NLP", "Multimodal", "39", "9 % (4 to 15 %)", "21 %", "19", "1.1", "mteb"),
    )
    table = TableBlock("main-trained_on-findings", "The cells that matter, left and right beside what would be expected were data and model unrelated.", columns, facts, row_headers=2, source="data/left.csv")  # fmt: skip
    observed = (
        ("agreement", "Data and model agree exactly for 95 % of models (92 to 97 %)."),
        ("diagonal", "In every row with ten models or more the diagonal is highest: CV 98 % (97 to 99 %), Audio 98 % (85 % or more), NLP 91 %, all 20 Graph and all 13 RL models and, well below, Multimodal 55 % (38 to 77 %).", *(("left", name, name) for name in ("CV", "Audio", "NLP", "Graph", "RL", "Multimodal"))),
        ("bridge", "NLP, CV and Audio share no model in five of their six pairings and three in the sixth (CV data, Audio models). Multimodal meets all three."),
        ("packages", "Within packages, observed over expected falls from 9.8 to 1.3 for NLP, from 23.6 to 1.1 for Audio and from 1.2 to 1.0 for CV."),
        ("sizes", "In every cell, left over right is the number of models of one category over the number trained on data of the other (Multimodal: 190 / 290). The contrast is size, and says nothing about direction."),
        ("concentration", "1,805 models (43 %) name ImageNet-1k; the 4,227 models have 365 distinct sets of training data."),
    )  # fmt: skip
    items = tuple(Paragraph((sentence(f"{name}:all", text, cells=cells),)) for name, text, *cells in observed)
    return Section("findings", "Key findings", (ItemList(items), table))


def _closing():
    supports = (
        ("In this catalogue, models and their named training data nearly always share a category.", "Any rate for models outside the catalogue, which is not a sample of them.", "A sample of models drawn without regard to field."),
        ("Where they differ, Multimodal is nearly always at one end.", "That data of one field suit the models of another, or do not: nothing here measures that.", "Results of the same models on data of each category."),
        ("The two panels differ by category size alone.", "A direction from data to models, or back.", "What was made first, item by item."),
    )  # fmt: skip
    table = TableBlock(
        "supports",
        "What the numbers allow, and what would have to be known for more.",
        (Column("This supports"), Column("This does not support"), Column("To find out")),
        supports,
        row_headers=0,
    )
    authored = Paragraph((
        sentence("authored:interpretation:1", "We read the Multimodal row as a matter of labelling: a model named after an image encoder is filed under CV in one package and under Multimodal in another.", origin="authored"),
    ))  # fmt: skip
    missing = ItemList((
        Paragraph((sentence("cannot:unit", "the same over links instead of models;"),)),
        Paragraph((sentence("cannot:rule", "the same if an item with several modalities counts in each of them."),)),
    ), numbered=False)  # fmt: skip
    return (
        Section("interpretation", "Interpretation", (missing, table, authored)),
        Section("coverage", "Who is covered", (_plain("coverage", "Of 14,189 links from a model to a dataset it names, 12,388 (87 %) find it; the others, 281 names, are all in one package.", "Of 2,397 datasets 708 (30 %) are used by any model."),)),
        Section("provenance", "Data and provenance", (_plain("provenance", "Ten packages, Apache-2.0 or MIT; timm gives 1,617 models, mteb 538 and all of NLP.", "Dates are known for 54 % of models and for none from timm, so no series over time is shown."),)),
    )  # fmt: skip
