"""Colours for every eye: numbers that can be read on each shade, and steps that stay apart without hue.

The simulation is that of Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
vision deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), 2009, table 1, severity 1.0, on
linear RGB. Lightness is L* of CIE 1976.
"""

import itertools

import pytest

from diptych.theme import AA_CONTRAST, DARK, DIVERGING_DEFAULT, LIGHT, RAMPS, contrast, ink, shade

MACHADO = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
PLAIN = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
EYES = {"plain": PLAIN, **MACHADO}
SEQUENTIAL = sorted(set(RAMPS) - {DIVERGING_DEFAULT})
LEAST_STEP = 2.8  # of L*: about three just noticeable differences between neighbouring tenths of a scale


def linear(colour):
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def lightness(colour, eyes):
    """L* (0 to 100) of a colour as these eyes see it."""
    seen = [sum(m * c for m, c in zip(row, linear(colour), strict=True)) for row in eyes]
    y = sum(w * min(max(c, 0.0), 1.0) for w, c in zip((0.2126, 0.7152, 0.0722), seen, strict=True))
    return 116 * y ** (1 / 3) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def test_lightness_is_that_of_known_greys():
    assert lightness("#ffffff", PLAIN) == pytest.approx(100, abs=1e-6)
    assert lightness("#777777", PLAIN) == pytest.approx(50.03, abs=0.01)
    assert lightness("#000000", PLAIN) == 0


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("scheme", SEQUENTIAL)
def test_neighbouring_steps_of_sequential_scales_differ_in_lightness(scheme, eyes):
    levels = [lightness(shade(step / 10, scheme), EYES[eyes]) for step in range(11)]
    steps = [after - before for before, after in itertools.pairwise(levels)]
    assert len({step > 0 for step in steps}) == 1, "lightness goes one way"
    assert min(map(abs, steps)) >= LEAST_STEP


@pytest.mark.parametrize("eyes", EYES)
def test_the_diverging_scale_is_lightest_in_the_middle(eyes):
    levels = [lightness(shade(step / 10, DIVERGING_DEFAULT), EYES[eyes]) for step in range(11)]
    assert levels[:6] == sorted(levels[:6])
    assert levels[5:] == sorted(levels[5:], reverse=True)
    assert min(levels[5] - levels[0], levels[5] - levels[10]) > 40


@pytest.mark.parametrize("scheme", sorted(RAMPS))
def test_every_number_can_be_read_on_every_shade(scheme):
    """In light and dark alike: cells and the ink of their numbers do not follow the page."""
    lowest = min(contrast(ink(paper), paper) for level in range(1001) if (paper := shade(level / 1000, scheme)))
    assert lowest >= AA_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_labels_and_signs_can_be_read_on_the_figures_paper(theme):
    assert contrast(theme["ink"], theme["paper"]) >= AA_CONTRAST
    assert contrast(theme["muted"], theme["paper"]) >= AA_CONTRAST
    assert contrast(theme["hatch"], theme["paper"]) >= 3  # signs, WCAG 1.4.11
    for name in ("accent", "authored", "muted"):
        assert contrast(theme[name], theme["paper"]) >= AA_CONTRAST
        assert contrast(theme[name], theme["surface"]) >= AA_CONTRAST
