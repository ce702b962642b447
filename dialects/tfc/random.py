"""Random numbers."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import random as semantics


class RandomBitsOp(TfcOp):
    """Integers of 32 or 64 random bits.

    %y = tfc.random_bits %state {shape = array<i64: 4>, dtype = i32} : (tensor<3xi64>) -> tensor<4xi32>
    """

    name = "tfc.random_bits"
    spec = semantics.random_bits


class RandomUniformOp(TfcOp):
    """Numbers in [0, 1), all multiples of 2 to the minus mantissa bits.

    %y = tfc.random_uniform %state {shape = array<i64: 4>, dtype = f32} : (tensor<3xi64>) -> tensor<4xf32>
    """

    name = "tfc.random_uniform"
    spec = semantics.random_uniform


class RandomNormalOp(TfcOp):
    """Numbers of mean 0 and standard deviation 1, by Box and Muller's method.

    %y = tfc.random_normal %state {shape = array<i64: 4>, dtype = f32} : (tensor<3xi64>) -> tensor<4xf32>
    """

    name = "tfc.random_normal"
    spec = semantics.random_normal


class RandomTruncatedNormalOp(TfcOp):
    """Normal numbers, those outside of (-2, 2) drawn again.

    %y = tfc.random_truncated_normal %state {shape = array<i64: 4>, dtype = f32} : (tensor<3xi64>) -> tensor<4xf32>
    """

    name = "tfc.random_truncated_normal"
    spec = semantics.random_truncated_normal


class RandomSeedStateOp(TfcOp):
    """The state that a stateless seed of two integers stands for.

    %state = tfc.random_seed_state %seed : (tensor<2xi32>) -> tensor<3xi64>
    """

    name = "tfc.random_seed_state"
    spec = semantics.random_seed_state


class RandomSkipOp(TfcOp):
    """The state after `count` numbers were drawn.

    %next = tfc.random_skip %state, %count : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
    """

    name = "tfc.random_skip"
    spec = semantics.random_skip


class RandomGammaOp(TfcOp):
    """A number of the gamma distribution (scale 1) for each shape parameter; nan where that is not positive.

    %y = tfc.random_gamma %state, %alpha : (tensor<3xi64>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.random_gamma"
    spec = semantics.random_gamma


class RandomPoissonOp(TfcOp):
    """A number of the Poisson distribution for each rate; nan where that is negative or not finite.

    %y = tfc.random_poisson %state, %rate : (tensor<3xi64>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.random_poisson"
    spec = semantics.random_poisson


OPS = (
    RandomBitsOp,
    RandomUniformOp,
    RandomNormalOp,
    RandomTruncatedNormalOp,
    RandomSeedStateOp,
    RandomSkipOp,
    RandomGammaOp,
    RandomPoissonOp,
)
