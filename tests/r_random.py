"""Normal numbers as R draws them after `set.seed`: Mersenne Twister and inversion, R's defaults since 1.7."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

WORD = 1 << 32
BIG = 134_217_728


def normals(seed: int, count: int) -> np.ndarray:
    """The first `count` numbers of `rnorm` after `set.seed(seed)`."""
    # R scrambles the seed by fifty steps of a congruential generator, which then fills the state.
    word = seed
    for _ in range(50):
        word = (69_069 * word + 1) % WORD
    state = []
    for _ in range(625):
        word = (69_069 * word + 1) % WORD
        state.append(word)
    twister = np.random.MT19937()
    twister.state = {
        "bit_generator": "MT19937",
        "state": {"key": np.array(state[1:], dtype=np.uint32), "pos": 624},
    }
    raw = twister.random_raw(2 * count).astype(float) / WORD
    uniform = np.clip(raw, 0.5 / WORD, 1 - 0.5 / WORD)
    # Two uniforms a number: the first 27 bits of one, and another below them.
    joined = np.floor(BIG * uniform[::2]) + uniform[1::2]
    return np.asarray(ndtri(joined / BIG))
