"""Read timm: the pretrained configurations in ``timm/models/*.py``.

Every module hands a mapping "architecture.tag" -> configuration to
``generate_default_cfgs``. A model is an entry with weights whose architecture is
registered. Its tag names its training data, in tokens ("in21k_ft_in1k"); the table
below spells the tokens that name a dataset. The package states no task: a model without
a classifier (``num_classes`` 0) is labelled image-feature-extraction, any other
image-classification. Words of image-text training in its name become labels too, as
spelled: "clip" in the architecture, "tag:clip" in the tag. Where the tag goes on to say
that the weights were fine-tuned, the label does as well: "clip ft_in1k".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tools.catalogue.facts import TRAINED_ON, CatalogueError, Dataset, Facts, Link, Model
from tools.catalogue.values import UNKNOWN, Function, Record, Value
from tools.catalogue.wheels import Wheel

PACKAGE = "timm"
CONFIGURATIONS = "generate_default_cfgs"
INERT = frozenset({CONFIGURATIONS})  # its argument is the data, unlike its result

# tokens of weights tags that name a dataset; spelled as other packages here spell it
TAG_DATASETS = {
    "bamboo": "Bamboo",
    "cc12m": "CC12M",
    "datacomp1b": "DataComp-1B",
    "datacompxl": "DataComp-XL",
    "dfn2b": "DFN-2B",
    "dfn5b": "DFN-5B",
    "dfndr2b": "DFNDR-2B",
    "docci": "DOCCI",
    "ig1b": "Instagram-1B",
    "in12k": "ImageNet-12k",
    "in1k": "ImageNet-1k",
    "in21k": "ImageNet-21k",
    "in22k": "ImageNet-22k",
    "inw21k": "ImageNet-21k",
    "jft": "JFT-300M",
    "laion2b": "LAION-2B",
    "laion400m": "LAION-400M",
    "laiona": "LAION-Aesthetics",
    "lvd142m": "LVD-142M",
    "lvd1689m": "LVD-1689M",
    "m30m": "merged-30M",
    "m38m": "Merged-38M",
    "merged2b": "Merged-2B",
    "metaclip": "MetaCLIP",
    "metaclip2": "MetaCLIP 2",
    "ocrvqa": "OCR-VQA",
    "openai": "WIT-400M (OpenAI)",
    "refcoco": "RefCOCO",
    "sa1b": "SA-1B",
    "sat493m": "SAT-493M",
    "webli": "WebLI",
    "yfcc100m": "YFCC-100M",
    "yfcc15m": "YFCC-15M",
}
IMAGE_TEXT_WORD = re.compile(r"[a-z]*clip\d*|siglip\d*")
# from "ft" to the last dataset, without a resolution after it: "ft_in12k_in1k"
FINE_TUNED = re.compile(r"(?<![^_])ft(_[a-z]+\d+k)*")


def read(wheel: Wheel) -> Facts:
    """Return the pretrained models of a timm wheel and the datasets in their tags."""
    facts = Facts()
    for name, configuration in sorted(_configurations(wheel).items()):
        facts.models.append(_model(name, configuration))
        tag = name.partition(".")[2].split("_")
        for source in sorted({TAG_DATASETS[token] for token in tag if token in TAG_DATASETS}):
            facts.links.append(Link(source, name, TRAINED_ON, PACKAGE))
    names = sorted({link.source for link in facts.links})
    facts.datasets = [Dataset(name, (), PACKAGE) for name in names]
    return facts


def _configurations(wheel: Wheel) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in wheel.names("timm/models/", ".py"):
        module = wheel.module(path.removesuffix(".py").replace("/", "."))
        record = module.get("default_cfgs")
        if isinstance(record, Record) and record.name == CONFIGURATIONS:
            found |= dict(_with_weights(record.args[0], module))
    return found


def _with_weights(entries: Value, module: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(entries, dict):
        message = f"{PACKAGE}: a mapping of pretrained configurations was not evaluated"
        raise CatalogueError(message)
    for key, entry in entries.items():
        configuration = _plain(entry)
        # a trailing * only marks the default tag of an architecture
        name = key.rstrip("*")
        registered = isinstance(module.get(name.partition(".")[0]), Function)
        if registered and any(configuration.get(k) for k in ("url", "file", "hf_hub_id")):
            yield name, configuration


def _plain(entry: Value) -> dict[str, Any]:
    """Return a configuration; some are deep copies of another, written as a call."""
    value = entry.args[0] if isinstance(entry, Record) and entry.name == "deepcopy" else entry
    if not isinstance(value, dict) or value.get("num_classes", 1000) is UNKNOWN:
        message = f"{PACKAGE}: a pretrained configuration was not evaluated: {value!r}"
        raise CatalogueError(message)
    return value


def _model(name: str, configuration: dict[str, Any]) -> Model:
    # 1000 is the default of timm's PretrainedCfg
    classes = configuration.get("num_classes", 1000)
    task = "image-classification" if classes else "image-feature-extraction"
    origin = name.partition(".")[2].split("_")[0]
    return Model(name, (task, *image_text_labels(name)), PACKAGE, origin)


def image_text_labels(name: str) -> tuple[str, ...]:
    """Return the words of image-text training in a name, with what came after it."""
    architecture, _, tag = name.partition(".")
    words = [word for word in architecture.split("_") if IMAGE_TEXT_WORD.fullmatch(word)]
    words += [f"tag:{word}" for word in tag.split("_") if IMAGE_TEXT_WORD.fullmatch(word)]
    tuned = FINE_TUNED.search(tag)
    after = f" {tuned[0]}" if tuned else ""
    return tuple(dict.fromkeys(word + after for word in words))
