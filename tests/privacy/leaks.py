"""Search of all that a build has written for secrets, in whatever way they may be written there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import lzma
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, quote_plus

import pikepdf

from tests.programs import POPPLER, program

SHOWN = 12
"""Characters that a table or tooltip that shortens names would at least show."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{60,}={0,2}")


def variants(secret: str) -> dict[bytes, str]:
    """Return the forms of a secret, in lower case, each with what it is called."""
    encoded = secret.encode()
    forms = {
        "as it is": secret,
        "small letters": secret.lower(),
        "large letters": secret.upper(),
        "beginning": secret[:SHOWN],
        "URL": quote(secret, safe=""),
        "URL of a path": quote(secret),
        "URL of a form": quote_plus(secret),
        "HTML": html.escape(secret),
        "JSON": json.dumps(secret)[1:-1],
        "JSON in Unicode": json.dumps(secret, ensure_ascii=False)[1:-1],
        "base64": base64.b64encode(encoded).decode().rstrip("=")[:-1],
    }
    for name in ("sha256", "sha1", "md5"):
        forms |= {f"{name} of {part}": hashlib.new(name, text.encode()).hexdigest() for part, text in _hashed(secret)}
    return {form.encode().lower(): name for name, form in forms.items() if len(form) >= min(len(secret), SHOWN)}


def _hashed(secret: str) -> Iterator[tuple[str, str]]:
    yield "it", secret
    yield "it in lower case", secret.lower()
    yield "its bare text", secret.strip().lower()


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that the files of a folder hold, unpacked, by where it is."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            where = path.relative_to(folder).as_posix()
            yield f"{where} (its name)", where.encode()
            yield from unpacked(where, path.read_bytes())


def unpacked(where: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bytes and all that is packed into them: PDF streams and text, xz, base64, deflate and gzip."""
    yield where, content
    if content.startswith(b"%PDF"):
        yield from _of_pdf(where, content)
    elif content.startswith(b"\xfd7zXZ"):
        yield from unpacked(f"{where} > xz", lzma.decompress(content))
    elif b"\0" not in content[:1000]:
        for number, found in enumerate(_BASE64.findall(content)):
            yield from _of_base64(f"{where} > base64 {number}", found)


def _of_base64(where: str, text: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=False)
    except binascii.Error:
        return
    yield where, content
    for name, wbits in (("deflate", 15), ("gzip", 31), ("raw deflate", -15)):
        try:
            yield from unpacked(f"{where} > {name}", zlib.decompressobj(wbits).decompress(content))
        except zlib.error:
            continue


def _of_pdf(where: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    with pikepdf.open(BytesIO(content)) as pdf:
        for number, one in enumerate(pdf.objects):
            if isinstance(one, pikepdf.Stream):
                try:
                    inside = one.read_bytes()
                except pikepdf.PdfError:  # a picture
                    inside = one.read_raw_bytes()
                yield from unpacked(f"{where} > object {number}", inside)
            yield f"{where} > object {number}, dictionary", _strings(one)
    text = subprocess.run(
        [program("pdftotext", install=POPPLER), "-", "-"], input=content, capture_output=True, check=True
    ).stdout
    yield f"{where} > text", text
    yield f"{where} > text, lines joined", b"".join(text.split())


def _strings(one: object, *, at_top: bool = True) -> bytes:
    """Return the texts of an object of a PDF; objects that it refers to are listed by themselves."""
    if isinstance(one, pikepdf.Object) and one.is_indirect and not at_top:
        return b""
    if isinstance(one, pikepdf.String):
        return str(one).encode()
    if isinstance(one, pikepdf.Stream | pikepdf.Dictionary):
        pairs = (one.stream_dict if isinstance(one, pikepdf.Stream) else one).as_dict()
        return b"\n".join(name.encode() + b" " + _strings(value, at_top=False) for name, value in pairs.items())
    if isinstance(one, pikepdf.Array):
        return b"\n".join(_strings(value, at_top=False) for value in one.as_list())
    return b""


def leaks(secrets: Iterable[str], written: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
    """Return where each secret that was found is, and in which form."""
    known = {secret: variants(secret) for secret in secrets}
    found: dict[str, set[str]] = {}
    for where, content in written:
        small = content.lower()
        for secret, forms in known.items():
            for form, name in forms.items():
                if form in small:
                    found.setdefault(secret, set()).add(f"{where}: {name}")
    return found
