"""What a PDF must say, out of the report.json of the same report: its parts in the order in which they are read."""

from dataclasses import dataclass

from tests.renderers.pdf_reading import squeezed


@dataclass(frozen=True)
class Expected:
    """Texts in reading order, headings, the alternative texts of figures, and the fields of tables.

    A field is what a cell is to a screen reader ("Column" and "Row" for their heads, else "") and its text, without
    spaces.
    """

    texts: list[str]
    headings: list[str]
    alts: list[str]
    tables: list[list[list[tuple[str, str]]]]


def expected(report):
    """Return what a PDF must say.

    The first figure is after the abstract, wherever its section is, and limits are before the table of findings.
    """
    sections = _limits_first(report["sections"])
    blocks = [block for section in sections for block in section["blocks"]]
    figures = [block for block in blocks if block["type"] == "figure"]
    lead = figures[0]
    abstract, *others = sections
    title = report["headline"] or report["title"]
    texts = [title, *filter(None, [report["deck"]]), *_said(abstract, lead), *_sentences(lead["caption"])]
    headings = [title]
    for section in others:
        told = list(_said(section, lead))
        if [block for block in section["blocks"] if block is not lead]:
            texts += [section["title"], *told]
            headings.append(section["title"])
    tables = [_fields(block) for block in blocks if block["type"] == "table"]
    return Expected(texts, headings, [figure["alt"] for figure in figures], tables)


def _limits_first(sections):
    """Move the blocks of findings from their table on to the end of the limits, if these follow."""
    found = []
    for section in sections:
        blocks = section["blocks"]
        if found and tuple(one["id"].rpartition(".")[2] for one in (found[-1], section)) == (
            "findings",
            "interpretation",
        ):
            told = found[-1]["blocks"]
            place = [*(block["type"] for block in told), "table"].index("table")
            found[-1] = found[-1] | {"blocks": told[:place]}
            blocks = [*blocks, *told[place:]]
        found.append(section | {"blocks": blocks})
    return found


def first_missing(texts, whole):
    """Look for each text behind the one before it; return the first that is not there, None where all are."""
    place, whole = 0, squeezed(whole)
    for text in texts:
        found = whole.find(squeezed(text), place)
        if found < 0:
            return text
        place = found + len(squeezed(text))
    return None


def _said(section, lead):
    for block in section["blocks"]:
        if block is not lead:
            yield from _told(block)


def _told(block):
    match block["type"]:
        case "paragraph":
            yield from _sentences(block["sentences"])
        case "list":
            for item in block["items"]:
                yield from _told({"type": "paragraph", **item})
        case "figure":
            yield from _sentences(block["caption"])
        case "table":
            yield block["caption"]


def _sentences(sentences):
    return ["".join(span["text"] for span in sentence["spans"]) for sentence in sentences]


def _fields(table):
    heads = [("Column", squeezed(column["header"])) for column in table["columns"]]
    return [heads, *(_row(row, table["row_headers"]) for row in table["rows"])]


def _row(row, row_headers):
    return [("Row" if k < row_headers else "", squeezed(text)) for k, text in enumerate(row)]
