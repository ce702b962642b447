"""`tf.random`: random numbers, the same eagerly and compiled."""

from __future__ import annotations

from types import SimpleNamespace

from tfc.ops.generator import (
    Generator,
    create_rng_state,
    get_global_generator,
    set_global_generator,
    set_seed,
)
from tfc.ops.random import (
    categorical,
    gamma,
    normal,
    poisson,
    shuffle,
    stateless_categorical,
    stateless_fold_in,
    stateless_gamma,
    stateless_normal,
    stateless_poisson,
    stateless_shuffle,
    stateless_split,
    stateless_truncated_normal,
    stateless_uniform,
    truncated_normal,
    uniform,
)

fold_in = stateless_fold_in
split = stateless_split

experimental = SimpleNamespace(
    Generator=Generator,
    create_rng_state=create_rng_state,
    get_global_generator=get_global_generator,
    set_global_generator=set_global_generator,
    stateless_fold_in=stateless_fold_in,
    stateless_shuffle=stateless_shuffle,
    stateless_split=stateless_split,
)
"""`tf.random.experimental`."""

__all__ = [
    "Generator",
    "categorical",
    "create_rng_state",
    "experimental",
    "fold_in",
    "gamma",
    "get_global_generator",
    "normal",
    "poisson",
    "set_global_generator",
    "set_seed",
    "shuffle",
    "split",
    "stateless_categorical",
    "stateless_fold_in",
    "stateless_gamma",
    "stateless_normal",
    "stateless_poisson",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]
