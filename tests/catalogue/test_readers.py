"""Each reader against a handmade wheel whose rows were counted by hand."""

import pytest

from tools.catalogue import mteb, openmmlab, timm
from tools.catalogue.facts import CatalogueError, Dataset, Model

MTEB = {
    "mteb/__init__.py": "",
    "mteb/get_tasks.py": '_TASK_RENAMES = {"Old": "Chatter"}\n',
    "mteb/tasks/__init__.py": "from .chatter import Chatter\n",
    "mteb/tasks/chatter.py": """
_COMMON = dict(modalities=["text", "audio"])
class Chatter(AbsTask):
    metadata = TaskMetadata(name="Chatter", date=("2019-01-01", "2020-02-03"), **_COMMON)
class Pixels(AbsTask):
    metadata = TaskMetadata(name="Pixels", date=None, modalities=["image"])
long_metadata = Pixels.metadata.model_copy()
long_metadata.name = "LongPixels"
class LongPixels(AbsTask):
    metadata = long_metadata
class Both(AbsTask):
    metadata = AggregateTaskMetadata(name="Both", tasks=[Chatter(), Pixels()])
""",
    "mteb/models/model_implementations/__init__.py": "",
    "mteb/models/model_implementations/a_models.py": """
base_data = {"Chatter", "Unlisted (old, small)"}
first = ModelMeta(name="org/first", release_date="2024-05-06", training_datasets=base_data)
second = ModelMeta(name="org/second", release_date=None, training_datasets=None, modalities=["image"])
""",
    "mteb/models/model_implementations/b_models.py": """
from mteb.models.model_implementations.a_models import base_data, first
third = ModelMeta(name="lab/third", release_date=None, training_datasets=base_data | {"Pixels"} | first.training_datasets)
""",
}


def test_mteb(make_wheel):
    facts = mteb.read(make_wheel("mteb", MTEB))
    assert sorted(facts.datasets) == [
        Dataset("Both", ("text",), "mteb", "2020-02-03"),
        Dataset("Chatter", ("text", "audio"), "mteb", "2020-02-03"),
        Dataset("LongPixels", ("image",), "mteb"),
        Dataset("Pixels", ("image",), "mteb"),
    ]
    assert sorted(facts.models) == [
        Model("lab/third", ("text",), "mteb", "lab"),
        Model("org/first", ("text",), "mteb", "org", "2024-05-06"),
        Model("org/second", ("image",), "mteb", "org"),
    ]
    assert sorted((link.source, link.target) for link in facts.links) == [
        ("Chatter", "lab/third"),
        ("Chatter", "org/first"),
        ("Pixels", "lab/third"),
        ("Unlisted (old, small)", "lab/third"),
        ("Unlisted (old, small)", "org/first"),
    ]
    assert facts.renames == {"Old": "Chatter"}


def test_mteb_refuses_training_data_it_cannot_read(make_wheel):
    text = 'import data\nm = ModelMeta(name="org/m", release_date=None, training_datasets=data.names)\n'
    wheel = make_wheel("mteb", MTEB | {"mteb/models/model_implementations/c_models.py": text})
    with pytest.raises(CatalogueError, match=r"^mteb: field training_datasets of org/m was not evaluated$"):
        mteb.read(wheel)


def test_timm(make_wheel):
    text = """
from ._registry import generate_default_cfgs, register_model
def _cfg(url='', **kwargs):
    return {'url': url, 'num_classes': 1000, **kwargs}
default_cfgs = generate_default_cfgs({
    'vit_clip_224.openai_ft_in12k_in1k': _cfg(hf_hub_id='timm/'),
    'vit_clip_224.untrained': _cfg(),
    'vit_siglip.v2_webli': _cfg(hf_hub_id='timm/', num_classes=0),
    'plain.fb_in1k*': _cfg(url='weights', num_classes=1000),
    'plain.tiny_clip': _cfg(url='weights', num_classes=0),
    'gone.in1k': _cfg(url='weights'),
})
default_cfgs_copy = default_cfgs
@register_model
def vit_clip_224(): ...
@register_model
def vit_siglip(): ...
@register_model
def plain(): ...
"""
    facts = timm.read(make_wheel("timm", {"timm/models/__init__.py": "", "timm/models/vit.py": text}))
    assert sorted(facts.models) == [
        Model("plain.fb_in1k", ("image-classification",), "timm", "fb"),
        Model("plain.tiny_clip", ("image-feature-extraction", "tag:clip"), "timm", "tiny"),
        Model("vit_clip_224.openai_ft_in12k_in1k", ("image-classification", "clip ft_in12k_in1k"), "timm", "openai"),
        Model("vit_siglip.v2_webli", ("image-feature-extraction", "siglip"), "timm", "v2"),
    ]
    assert [(link.source, link.target) for link in facts.links] == [
        ("ImageNet-1k", "plain.fb_in1k"),
        ("ImageNet-12k", "vit_clip_224.openai_ft_in12k_in1k"),
        ("ImageNet-1k", "vit_clip_224.openai_ft_in12k_in1k"),
        ("WIT-400M (OpenAI)", "vit_clip_224.openai_ft_in12k_in1k"),
        ("WebLI", "vit_siglip.v2_webli"),
    ]
    assert [dataset.labels for dataset in facts.datasets] == [(), (), (), ()]


METAFILE = """
Collections:
  - Name: Net
    Metadata: {Training Data: 'Objects, Gold and COCO'}
Models:
  - Name: net_a
    In Collection: Net
    Weights: somewhere/net_a_20210304_123456-abcdef01.pth
    Results:
      - {Task: Object Detection, Dataset: COCO}
      - {Task: Instance Segmentation, Dataset: COCO}
  - Name: net_b
    In Collection: Net
    Metadata: {Training Data: Pascal VOC 2012 + Aug}
    Results: {Task: Object Detection, Dataset: COCO}
  - Name: net_c
    In Collection: Other
    Metadata: {Training Data: '# HRNet backbone'}
    Results: null
"""


def test_openmmlab(make_wheel):
    listed = "- {Name: cap, In Collection: Net, Results: [{Task: Image Caption, Dataset: COCO}]}\n"
    keywords = "Keywords: computer vision,object detection\n"
    first = make_wheel("mmdet", {"mmdet/.mim/configs/net/metafile.yml": METAFILE}, keywords)
    second = make_wheel("mmpretrain", {"mmpretrain/.mim/configs/cap/metafile.yaml": listed}, keywords)
    facts = openmmlab.read(first, second)
    assert facts.datasets == [
        Dataset("COCO", ("Object Detection",), "mmdet"),
        Dataset("COCO", ("Object Detection",), "mmpretrain"),
        Dataset("Gold", (), "mmdet"),
        Dataset("Objects", (), "mmdet"),
        Dataset("Pascal VOC 2012 + Aug", (), "mmdet"),
    ]
    assert facts.models == [
        Model("net_a", ("Instance Segmentation", "Object Detection"), "mmdet", "Net", "2021-03-04"),
        Model("net_b", ("Object Detection",), "mmdet", "Net"),
        Model("net_c", ("computer vision",), "mmdet", "Other"),
        Model("cap", ("Image Caption",), "mmpretrain", "Net"),
    ]
    assert [(link.source, link.target, link.relation) for link in facts.links] == [
        ("# HRNet backbone", "net_c", "trained_on"),
        ("COCO", "cap", "evaluated_on"),
        ("COCO", "net_a", "evaluated_on"),
        ("COCO", "net_a", "trained_on"),
        ("COCO", "net_b", "evaluated_on"),
        ("Gold", "net_a", "trained_on"),
        ("Objects", "net_a", "trained_on"),
        ("Pascal VOC 2012 + Aug", "net_b", "trained_on"),
    ]
