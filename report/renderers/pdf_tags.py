"""Row headers of a tagged PDF: Typst tags the head of a table, not yet the heads of its rows."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import pikepdf


def tag_row_headers(pdf: bytes, counts: Sequence[int]) -> bytes:
    """Return the PDF with the first `counts[i]` cells of each body row of its i-th table tagged as headers.

    Tables count in reading order. A screen reader then says which category a number belongs to. The result
    depends on the input alone: ids and dates stay as they are.
    """
    if not any(counts):
        return pdf
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        tables = list(_elements(opened.Root.StructTreeRoot, "/Table"))
        for table, count in zip(tables, counts, strict=True):
            for body in _elements(table, "/TBody"):
                for row in _elements(body, "/TR"):
                    for cell in list(_elements(row, "/TD"))[:count]:
                        _make_header(cell)
        out = io.BytesIO()
        opened.save(out, static_id=False, deterministic_id=True, fix_metadata_version=False)
    return out.getvalue()


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
