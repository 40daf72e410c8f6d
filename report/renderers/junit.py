"""Write claims as JUnit XML for continuous integration servers."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ..document.passages import Claim
from ..theme import clean


def junit_xml(claims: Sequence[Claim]) -> bytes:
    """Return claims as a JUnit test suite. Each claim is a test case, and a false claim without `otherwise` fails.

    A value that is not available is a failure too. The file has no times, so that equal claims give equal bytes.
    """
    false = [claim for claim in claims if claim.fails]
    numbers = {"tests": str(len(claims)), "failures": str(len(false)), "errors": "0", "skipped": "0"}
    root = ET.Element("testsuites", {"name": "diptych claims", **numbers})
    suite = ET.SubElement(root, "testsuite", {"name": "claims", **numbers})
    for claim in claims:
        name = claim.predicate + (f", with {claim.where}" if claim.where else "")
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "classname": clean(claim.file),
                "name": clean(f"{claim.line}:{claim.column} {name}"),
                "file": clean(claim.file),
                "line": str(claim.line),
            },
        )
        if claim.fails:
            failure = ET.SubElement(case, "failure", {"message": clean(claim.message), "type": claim.kind})
            failure.text = clean(claim.reason)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
