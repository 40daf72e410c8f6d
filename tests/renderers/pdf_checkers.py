"""Programs of others that judge a PDF: JHOVE, PDFBox preflight and pdfua. Each is asked of all files at once."""

import importlib
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
from lxml import etree

from tests.programs import program, require
from tests.sources.engines import JAVA_OPTIONS

JARS = Path("/usr/share/java")
"""Where Debian keeps PDFBox."""

NOT_IN_LEVEL_1 = {
    ("1.2.9", "Body Syntax error, EmbeddedFile entry is present in a FileSpecification dictionary"),
    ("1.4.7", "Trailer Syntax error, EmbeddedFile entry is present in the Names dictionary"),
    ("1.4", "Trailer Syntax error, /XRef cross reference streams are not allowed"),
    ("2.1.6", "Invalid graphics object, Invalid version of the ICCProfile"),
    ("7.3", "Error on MetaData, Cannot find a definition for the namespace http://www.aiim.org/pdfua/ns/id/"),
}
"""What PDF/A-3 allows and PDF/A-1, the one level that PDFBox knows, does not: files inside, compressed tables of
objects, colour profiles of version 4, and what PDF/UA says of itself."""


def jhove(*files):
    """Return what JHOVE says of each file: its status, and what it complains of."""
    told = _run(program("jhove", install="apt-get install jhove"), "-m", "PDF-hul", *map(str, files))
    reports = told.split("RepresentationInformation: ")[1:]
    assert len(reports) == len(files)
    return [
        [*re.findall(r"^ *Status: (.*)", one, re.MULTILINE), *re.findall(r"^ *ErrorMessage: (.*)", one, re.MULTILINE)]
        for one in reports
    ]


def preflight(*files):
    """Return file, code and words of all that PDFBox finds in the files beyond what PDF/A-1 alone forbids."""
    java = program("java", install="apt-get install default-jre-headless")
    require((JARS / "preflight.jar").exists(), "PDFBox is not installed: apt-get install libpdfbox2-java")
    with TemporaryDirectory() as folder:  # it writes beside each file what it finds in it
        links = [Path(folder, f"{number}.pdf") for number in range(len(files))]
        for link, file in zip(links, files, strict=True):
            link.symlink_to(file)
        listed = Path(folder, "files")
        listed.write_text("\n".join(map(str, links)), "utf-8")
        _run(java, "-cp", f"{JARS}/*", "org.apache.pdfbox.preflight.Validator_A1b", "xml", "batch", str(listed))
        told = [etree.parse(f"{link}.preflight.xml").getroot() for link in links]
    assert [one.findtext("isValid") for one in told] == ["false"] * len(files)  # of level 1, each with a reason
    found = [
        (file, error.findtext("code"), error.findtext("details"))
        for file, one in zip(files, told, strict=True)
        for error in one.iterfind("errors/error")
    ]
    assert {file for file, *_ in found} == set(files)
    return [(file, *said) for file, *said in found if tuple(said) not in NOT_IN_LEVEL_1]


def pdfua(monkeypatch, *files):
    """Return what pdfua finds in the files, and the rules that it could not apply."""
    checker = importlib.import_module("pdfua")
    structure = importlib.import_module("pdfua.rules.structure")
    # Its rule on empty headings asks an array whether it is a number, and with pikepdf 10 that is an error.
    as_integer = structure.as_integer
    monkeypatch.setattr(
        structure, "as_integer", lambda value: None if isinstance(value, pikepdf.Array) else as_integer(value)
    )
    reports = [checker.validate(str(file)) for file in files]
    assert all(len(report.outcomes) == 12 for report in reports)
    return [(found.rule_id, found.message) for report in reports for found in report.findings] + [
        (outcome.rule_id, outcome.skipped_reason) for report in reports for outcome in report.skipped
    ]


def _run(*command):
    """Return what a program in Java says; compiling well what runs for seconds takes twice as long as running it."""
    own = {**os.environ, "JDK_JAVA_OPTIONS": JAVA_OPTIONS}
    return subprocess.run(command, env=own, capture_output=True, text=True, check=True, timeout=120).stdout
