"""The output plain.txt."""

import textwrap

from diptych.extend import ItemList, Paragraph, Renderer, Settings


class PlainSettings(Settings):
    """Options of plain.txt."""

    width: int = 80
    """The length of a line."""


def _plain(rendering):
    lines = [rendering.document.title, ""]
    for section in rendering.document.sections:
        lines.append(section.title)
        for block in section.blocks:
            for paragraph in block.items if isinstance(block, ItemList) else (block,):
                if isinstance(paragraph, Paragraph):
                    told = " ".join(sentence.text for sentence in paragraph.sentences)
                    lines += textwrap.wrap(told, rendering.options.width)
        lines.append("")
    return {"plain.txt": "\n".join(lines).encode()}


PLAIN = Renderer("plain", _plain, ("plain.txt", "Plain text"), PlainSettings)
