"""Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) on NumPy arrays.

A state is int64[3]: the low and high half of a 128-bit counter, then a 64-bit key, as in `tf.random.Generator.state`.
"""

from __future__ import annotations

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
SCRAMBLING_KEY = (0x3EC8F720, 0x02461E29)
"""The key under which TensorFlow encrypts a stateless seed to get key and counter."""

FEW = 12
"""Up to this many blocks are computed without NumPy."""

_WORD = 0xFFFFFFFFFFFFFFFF
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def encrypt(counters: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Four random words for each counter; counters and words are four uint64 arrays that hold 32-bit numbers."""
    c0, c1, c2, c3 = counters
    m0, m1 = (np.uint64(multiplier) for multiplier in MULTIPLIERS)
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = c0 * m0, c2 * m1
        c0 = (p1 >> _HALF) ^ c1 ^ np.uint64(k0)
        c2 = (p0 >> _HALF) ^ c3 ^ np.uint64(k1)
        c1, c3 = p1 & _LOW, p0 & _LOW
        k0, k1 = (k0 + KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + KEY_STEPS[1]) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def words(state: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """uint32 `[len(steps), 4]`: the words at counter + step for each of `steps` (uint64)."""
    unsigned = np.asarray(state, np.int64).view(np.uint64)
    if len(steps) <= FEW:
        low, high, key = unsigned.tolist()
        return _few_words(low | high << 64, key, steps)
    low, high, key = unsigned
    counter_low = low + steps
    counter_high = high + (counter_low < steps).astype(np.uint64)
    halves = [counter_low & _LOW, counter_low >> _HALF, counter_high & _LOW, counter_high >> _HALF]
    number = int(key)
    result = np.empty((len(steps), 4), np.uint32)
    for position, word in enumerate(encrypt(halves, (number & 0xFFFFFFFF, number >> 32))):
        result[:, position] = word
    return result


def _few_words(counter: int, key: int, steps: np.ndarray) -> np.ndarray:
    """As `words`, block by block: 100 NumPy calls cost more than a few blocks do."""
    blocks = [_block(counter + step, key) for step in steps.tolist()]
    return np.array(blocks, np.uint32).reshape(-1, 4)


def _block(counter: int, key: int) -> tuple[int, int, int, int]:
    """`encrypt` for one counter of 128 bits and a key of 64, in Python's integers."""
    (m0, m1), (s0, s1) = MULTIPLIERS, KEY_STEPS
    low = 0xFFFFFFFF
    c0, c1, c2, c3 = counter & low, counter >> 32 & low, counter >> 64 & low, counter >> 96 & low
    k0, k1 = key & low, key >> 32
    for _ in range(ROUNDS):
        p0, p1 = c0 * m0, c2 * m1
        c0, c1, c2, c3 = p1 >> 32 ^ c1 ^ k0, p1 & low, p0 >> 32 ^ c3 ^ k1, p0 & low
        k0, k1 = k0 + s0 & low, k1 + s1 & low
    return c0, c1, c2, c3


def advanced(state: np.ndarray, steps: int) -> np.ndarray:
    """`state` with its counter moved on by `steps`, which is not negative."""
    low, high, key = np.asarray(state, np.int64).view(np.uint64).tolist()
    counter = (high << 64 | low) + steps
    halves = counter & _WORD, counter >> 64 & _WORD, key
    return np.array(halves, np.uint64).view(np.int64)


def scrambled(seed: np.ndarray) -> np.ndarray:
    """The state that TensorFlow's stateless functions make of a seed of two integers."""
    first, second = np.asarray(seed).astype(np.int64).view(np.uint64).tolist()
    mixed = _block(first | second << 64, SCRAMBLING_KEY[0] | SCRAMBLING_KEY[1] << 32)
    key, counter_high = mixed[0] | mixed[1] << 32, mixed[2] | mixed[3] << 32
    return np.array([0, counter_high, key], np.uint64).view(np.int64)
