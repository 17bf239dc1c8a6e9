"""Whether two samples come from the same distribution: two tests that rank, in plain Python.

Both give p: how often samples of one distribution would differ as much as these, or more. Both
reckon with large samples (some dozens at least).
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from statistics import NormalDist


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Give the two-sided p of Mann and Whitney's U, which sees whether one tends to be larger.

    By the normal approximation, with the corrections for ties and for continuity.
    """
    counts = Counter(first) + Counter(second)
    values = sorted(counts)
    ends = dict(zip(values, accumulate(counts[value] for value in values), strict=True))
    ranks = sum(ends[value] - (counts[value] - 1) / 2 for value in first)
    n, m = len(first), len(second)
    excess = abs(ranks - n * (n + 1) / 2 - n * m / 2) - 0.5
    ties = sum(count**3 - count for count in counts.values())
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0 or excess <= 0:
        return 1.0
    return 2 * (1 - NormalDist().cdf(excess / math.sqrt(variance)))


def kolmogorov_smirnov(first: Sequence[float], second: Sequence[float]) -> float:
    """Give the two-sided p of Kolmogorov and Smirnov, which sees any difference of shape.

    By the limiting distribution of the largest distance between the two step functions.
    """
    ours, theirs = Counter(first), Counter(second)
    n, m = len(first), len(second)
    below = distance = 0.0
    for value in sorted(ours | theirs):
        below += ours[value] / n - theirs[value] / m
        distance = max(distance, abs(below))
    scaled = distance * math.sqrt(n * m / (n + m))
    if scaled < 0.2:  # the series needs too many terms there, and p is 1 to twelve digits
        return 1.0
    terms = (math.exp(-2 * (k * scaled) ** 2) * (1 if k % 2 else -1) for k in range(1, 101))
    return min(max(2 * sum(terms), 0.0), 1.0)
