"""What Typst leaves to be done on a PDF: heads of rows, destinations every program can follow, authors one by one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

import pikepdf

_PLACE_ALONE = re.compile(r"Section, (page \d+)")
"""How Typst describes a link to a heading: by its page alone."""

_RETURN_AT_END = re.compile(rb"\r\nendstream\s+endobj\s+startxref")
"""Cross references whose last byte is a carriage return: with the line feed after it some programs take it for the end
of a line and the table for cut off."""

_TAIL = 200


def finished(pdf: bytes, row_headers: Sequence[int], authors: Sequence[str]) -> bytes:
    """Return the PDF as it is published, about a third as large.

    The first `row_headers[i]` cells of each body row of its i-th table, in reading order, become headers, so that
    a screen reader says which category a number belongs to. `authors` are named one by one in the metadata. The
    result depends on the input alone: ids and dates stay as they are.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        if any(row_headers):
            _tag_row_headers(opened, row_headers)
        _make_destinations_direct(opened)
        if len(authors) > 1:
            with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                metadata["dc:creator"] = list(authors)
        content = _saved(opened)
        while _RETURN_AT_END.search(content[-_TAIL:]):
            _pad_metadata(opened)
            content = _saved(opened)
    return content


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return out.getvalue()


def _pad_metadata(pdf: pikepdf.Pdf) -> None:
    """Add a space to the metadata where XMP has room for some, so that the offsets after it become others."""
    stream = pdf.Root.Metadata
    stream.write(stream.read_bytes().replace(b"<?xpacket end", b" <?xpacket end"))


def _tag_row_headers(pdf: pikepdf.Pdf, counts: Sequence[int]) -> None:
    tables = list(_elements(pdf.Root.StructTreeRoot, "/Table"))
    for table, count in zip(tables, counts, strict=True):
        for body in _elements(table, "/TBody"):
            for row in _elements(body, "/TR"):
                for cell in list(_elements(row, "/TD"))[:count]:
                    _make_header(cell)


def _make_header(cell: pikepdf.Object) -> None:
    cell.S = pikepdf.Name.TH
    others = cell.get("/A", pikepdf.Array())
    others = others if isinstance(others, pikepdf.Array) else pikepdf.Array([others])
    cell.A = pikepdf.Array([*others, pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)])


def _elements(parent: pikepdf.Object, kind: str) -> Iterator[pikepdf.Object]:
    """Give the nearest structure elements of a kind below one, in reading order."""
    children = parent.get("/K")
    if children is None:
        return
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if not isinstance(child, pikepdf.Dictionary) or "/S" not in child:
            continue
        if kind == child.S:
            yield child
        else:
            yield from _elements(child, kind)


def _make_destinations_direct(pdf: pikepdf.Pdf) -> None:
    """Write each destination where it is used: Typst refers to it, which JHOVE and PDFBox do not follow.

    A link of the contents says the name of its section, not the page alone.
    """
    titles: dict[str, str] = {}
    for item in _bookmarks(pdf.Root.get("/Outlines")):
        titles.setdefault(_make_direct(item), str(item.Title))
    for page in pdf.pages:
        for annotation in page.get("/Annots", ()):
            if "/Dest" not in annotation:
                continue
            title = titles.get(_make_direct(annotation))
            found = _PLACE_ALONE.fullmatch(str(annotation.get("/Contents", "")))
            if title is not None and found is not None:
                annotation.Contents = pikepdf.String(f"{title}, {found[1]}")


def _make_direct(linking: pikepdf.Object) -> str:
    """Give a bookmark or link a destination of its own; return it in words, the same for the same place."""
    page, *place = linking.Dest
    linking.Dest = pikepdf.Array([page, *place])
    return " ".join([str(page.objgen), *map(str, place)])


def _bookmarks(parent: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """Give the bookmarks below one, in order, with those below them."""
    item = parent.get("/First") if parent is not None else None
    while item is not None:
        yield item
        yield from _bookmarks(item)
        item = item.get("/Next")
