"""Shares and differences of units in clusters, written out unit by unit: what `diptych.stats.shares` must give."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats


def divided(part, whole, otherwise=0.0):
    return part / whole if whole > 0 else otherwise


@dataclass
class Share:
    """A share of some rows of a frame with weights `w`, squared weights `s`, units `u` and clusters `g` (or none)."""

    value: float
    count: float
    base: float
    units: float
    kish: float
    clusters: float
    robust: float
    residuals: np.ndarray
    variance: float = 0.0
    effective: float = 0.0
    freedom: float = np.nan

    @property
    def binomial(self):
        return divided(self.value * (1 - self.value), self.kish)

    @property
    def fellows(self):
        return max(divided(self.kish, self.clusters, 1.0) - 1, 0.0)

    @property
    def alike(self):
        """The weight and the value of the correlation of units of one cluster."""
        effect = divided(self.robust, self.binomial, 1.0)
        return min(self.value, 1 - self.value) * self.clusters * self.fellows, divided(effect - 1, self.fellows)

    def interval(self, alpha=0.05):
        return self.reached(critical(self.freedom, alpha))

    def reached(self, c):
        """Return Wilson's interval with a critical value, as the roots of (value - x)^2 = c^2 x (1 - x) / n."""
        n = self.effective
        a, b, d = 1 + c**2 / n, -(2 * self.value + c**2 / n), self.value**2
        root = np.sqrt(max(b**2 - 4 * a * d, 0.0))
        return tuple(np.clip([(-b - root) / (2 * a), (-b + root) / (2 * a)], 0.0, 1.0))


def critical(freedom, alpha):
    return stats.norm.isf(alpha / 2) if np.isinf(freedom) else stats.t.isf(alpha / 2, max(freedom, 1.0))


def is_clustered(frame):
    return "g" in frame


def is_plain(frame):
    return not is_clustered(frame) and (frame["w"] == frame["u"]).all() and (frame["s"] == frame["u"]).all()


def raw(frame, base, hit):
    """Return a share whose variance is only that between clusters, or between units."""
    base, hit = np.asarray(base), np.asarray(hit)
    w, squares, units = (frame[name].to_numpy()[base] for name in "wsu")
    total, count = w.sum(), w[hit[base]].sum()
    p = divided(count, total)
    kish = divided(total**2, squares.sum())
    away = w * (hit[base] - p) / max(total, 1e-300)
    if is_clustered(frame):
        cluster, every = frame["g"].to_numpy()[base], int(frame["g"].max()) + 1
        residuals, sizes = (np.bincount(cluster, of, every) for of in (away, w))
        n = (sizes > 0).sum()
        robust, clusters = (residuals**2).sum() * divided(n, n - 1, 1.0), divided(total**2, (sizes**2).sum())
    else:
        residuals, robust, clusters = away, (squares * (away / w) ** 2).sum(), kish
    robust = robust if robust > 1e-20 else 0.0
    return Share(p, count, total, units.sum(), kish, clusters, robust, residuals)


def pooled(those):
    weight, value = np.array([one.alike for one in those]).T
    return float(np.clip(divided((weight * value).sum(), weight.sum()), 0, 1))


def share(frame, base, hit, alike=None):
    """Return a share whose variance is at least that of the outcome among all units, the more so the less is known.

    `alike` is the correlation of units of one cluster; without it, it is that among the units and all others together.
    """
    found = raw(frame, base, hit)
    if alike is None:
        alike = pooled([found, raw(frame, ~base, hit)])
    p, effect = found.value, 1 + found.fellows * alike
    trust = min(p, 1 - p) * found.clusters
    variance = found.robust + 2 / (trust + 2) * max(effect * found.binomial - found.robust, 0)
    if variance > 0:
        found.effective = min(p * (1 - p) / variance, found.kish)
        found.variance = p * (1 - p) / found.effective
    else:
        found.effective = max(found.kish / effect, min(found.clusters, found.kish))
    found.freedom = np.inf if is_plain(frame) else found.clusters - 1
    return found


@dataclass
class Difference:
    """A difference of two shares: Newcombe's interval with a correlation over clusters, and Satterthwaite's freedom."""

    first: Share
    other: Share
    correlation: float

    @property
    def value(self):
        return self.first.value - self.other.value

    @property
    def freedom(self):
        parts = [(max(of.variance, 1e-12), max(of.freedom, 0.5)) for of in (self.first, self.other)]
        below = sum(v**2 / f for v, f in parts)
        return max(sum(v for v, _ in parts) ** 2 / below, 1.0) if below else np.inf

    def reached(self, c):
        (low, high), (least, most) = self.first.reached(c), self.other.reached(c)
        down, up, below, above = (self.first.value - low, high - self.first.value,
                                  self.other.value - least, most - self.other.value)  # fmt: skip
        r = self.correlation
        return (
            self.value - np.sqrt(max(down**2 - 2 * r * down * above + above**2, 0)),
            self.value + np.sqrt(max(up**2 - 2 * r * up * below + below**2, 0)),
        )

    def interval(self, alpha=0.05):
        return self.reached(critical(self.freedom, alpha))

    @property
    def p(self):
        """The level at which the interval touches 0."""
        if not self.value:
            return 1.0
        end = 0 if self.value > 0 else 1
        if self.reached(200.0)[end] * self.value > 0:
            return 0.0
        c = optimize.brentq(lambda c: self.reached(c)[end], 1e-9, 200.0, xtol=1e-13)
        return 2 * (stats.norm.sf(c) if np.isinf(self.freedom) else stats.t.sf(c, self.freedom))


def difference(frame, first, other):
    """Return the difference of two shares of different units."""
    together = 0.0
    if is_clustered(frame):
        together = (first.residuals * other.residuals).sum() / np.sqrt(max(first.variance * other.variance, 1e-300))
    return Difference(first, other, float(np.clip(together, -0.95, 0.95)))


def linear(frame, value, contributions, alpha=0.05):
    """Return the interval of a statistic from the contributions of rows, and its degrees of freedom."""
    if is_clustered(frame):
        sums, sizes = contributions.groupby(frame["g"]).sum(), frame.groupby("g")["w"].sum()
        sizes = sizes[sizes > 0]
        variance = (sums**2).sum() * len(sizes) / (len(sizes) - 1)
        n = sizes.sum() ** 2 / (sizes**2).sum()
    else:
        variance = (frame["s"] * (contributions / frame["w"]) ** 2).sum()
        n = frame["w"].sum() ** 2 / frame["s"].sum()
    freedom = np.inf if is_plain(frame) else max(n - 1, 1.0)
    reach = critical(freedom, alpha) * np.sqrt(variance)
    return value - reach, value + reach
