"""Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) on NumPy arrays.

A state is int64[3]: the low and high half of a 128-bit counter, then a 64-bit key, as in `tf.random.Generator.state`.
"""

from __future__ import annotations

import functools

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
SCRAMBLING_KEY = (0x3EC8F720, 0x02461E29)
"""The key under which TensorFlow encrypts a stateless seed to get key and counter."""

FEW = 256
"""Up to this many blocks are computed as lanes of Python's integers."""

_WORD = 0xFFFFFFFFFFFFFFFF
_LOW32 = 0xFFFFFFFF
_LOW = np.uint64(_LOW32)
_HALF = np.uint64(32)
_LITTLE = np.dtype("<u8")


def encrypt(counters: list[np.ndarray], key: int) -> list[np.ndarray]:
    """Four random words for each counter under a 64-bit key; both are four uint64 arrays that hold 32-bit numbers."""
    c0, c1, c2, c3 = counters
    m0, m1 = (np.uint64(multiplier) for multiplier in MULTIPLIERS)
    for k0, k1 in _keys(key):
        p0, p1 = c0 * m0, c2 * m1
        c0 = (p1 >> _HALF) ^ c1 ^ np.uint64(k0)
        c2 = (p0 >> _HALF) ^ c3 ^ np.uint64(k1)
        c1, c3 = p1 & _LOW, p0 & _LOW
    return [c0, c1, c2, c3]


def words(state: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """uint32 `[len(steps), 4]`: the words at counter + step for each of `steps` (uint64)."""
    low, high, key = np.asarray(state, np.int64).view(np.uint64)
    counter_low = low + steps
    counter_high = high + (counter_low < steps).astype(np.uint64)
    halves = [counter_low & _LOW, counter_low >> _HALF, counter_high & _LOW, counter_high >> _HALF]
    number = int(key)
    if len(steps) <= FEW:
        counters = [int.from_bytes(half.astype(_LITTLE).tobytes(), "little") for half in halves]
        return _lanes(counters, number, len(steps))
    result = np.empty((len(steps), 4), np.uint32)
    for position, word in enumerate(encrypt(halves, number)):
        result[:, position] = word
    return result


def consecutive_words(state: np.ndarray, count: int) -> np.ndarray:
    """`words` for the steps 0, 1, ... `count` - 1."""
    low, high, key = state.view(np.uint64).tolist()
    if count == 1:
        return np.array([_block(low | high << 64, key)], np.uint32)
    first = low & _LOW32
    if count > FEW or first + count > _LOW32:
        return words(state, np.arange(count, dtype=np.uint64))
    ones, numbers = _rows(count)
    c0 = ones * first + numbers
    return _lanes([c0, ones * (low >> 32), ones * (high & _LOW32), ones * (high >> 32)], key, count)


def _lanes(counters: list[int], key: int, count: int) -> np.ndarray:
    """`encrypt` with integers that have `count` lanes of 64 bits.

    A product of 32-bit numbers stays in its lane: all blocks take as many operations as one, and less time than the 100 NumPy
    calls of `encrypt` up to some hundreds.
    """
    c0, c1, c2, c3 = counters
    m0, m1 = MULTIPLIERS
    low = _rows(count)[0] * _LOW32
    for k0, k1 in _lane_keys(key, count):
        p0, p1 = c0 * m0, c2 * m1
        c0, c1, c2, c3 = (p1 >> 32 & low) ^ c1 ^ k0, p1 & low, (p0 >> 32 & low) ^ c3 ^ k1, p0 & low
    size = 8 * count
    result = np.empty((count, 4), np.uint32)
    pairs = result.view(np.uint64)
    pairs[:, 0] = np.frombuffer((c0 | c1 << 32).to_bytes(size, "little"), _LITTLE)
    pairs[:, 1] = np.frombuffer((c2 | c3 << 32).to_bytes(size, "little"), _LITTLE)
    return result


@functools.lru_cache(64)
def _rows(count: int) -> tuple[int, int]:
    """Lanes that hold 1, and lanes that hold 0, 1, 2, ..."""
    return sum(1 << 64 * i for i in range(count)), sum(i << 64 * i for i in range(count))


@functools.lru_cache(64)
def _lane_keys(key: int, count: int) -> tuple[tuple[int, int], ...]:
    ones = _rows(count)[0]
    return tuple([(ones * k0, ones * k1) for k0, k1 in _keys(key)])


@functools.lru_cache(128)
def _keys(key: int) -> tuple[tuple[int, int], ...]:
    """The halves of a key in each round."""
    k0, k1 = key & _LOW32, key >> 32
    keys: list[tuple[int, int]] = []
    for _ in range(ROUNDS):
        keys.append((k0, k1))
        k0, k1 = k0 + KEY_STEPS[0] & _LOW32, k1 + KEY_STEPS[1] & _LOW32
    return tuple(keys)


@functools.lru_cache(128)
def _block(counter: int, key: int) -> tuple[int, int, int, int]:
    """`encrypt` for one counter of 128 bits and a key of 64, in Python's integers."""
    m0, m1 = MULTIPLIERS
    low = _LOW32
    c0, c1, c2, c3 = counter & low, counter >> 32 & low, counter >> 64 & low, counter >> 96 & low
    for k0, k1 in _keys(key):
        p0, p1 = c0 * m0, c2 * m1
        c0, c1, c2, c3 = p1 >> 32 ^ c1 ^ k0, p1 & low, p0 >> 32 ^ c3 ^ k1, p0 & low
    return c0, c1, c2, c3


def advanced(state: np.ndarray, steps: int) -> np.ndarray:
    """`state` with its counter moved on by `steps`, which is not negative."""
    low, high, key = np.asarray(state, np.int64).view(np.uint64).tolist()
    counter = (high << 64 | low) + steps
    halves = counter & _WORD, counter >> 64 & _WORD, key
    return np.array(halves, np.uint64).view(np.int64)


def scrambled(seed: np.ndarray) -> np.ndarray:
    """The state that TensorFlow's stateless functions make of a seed of two integers."""
    first, second = seed.tolist()
    mixed = _block(
        first & _WORD | (second & _WORD) << 64, SCRAMBLING_KEY[0] | SCRAMBLING_KEY[1] << 32
    )
    key, counter_high = mixed[0] | mixed[1] << 32, mixed[2] | mixed[3] << 32
    return np.array([0, counter_high, key], np.uint64).view(np.int64)
