"""Settings of this process that belong to the frontend. `tf.config` changes them.

| variable | setting |
|---|---|
| `TFC_RUN_EAGERLY` | `run_functions_eagerly`: 1 runs compiled functions as plain Python |
| `TFC_EXECUTION` | `execution`: `native`, or `reference` to run traced programs op by op in NumPy |

The backend reads its own: `TFC_NUM_THREADS` and `OMP_NUM_THREADS` (`tfc.backend.target`), `TFC_CACHE`, `TFC_CACHE_DIR` and
`TFC_CACHE_LIMIT` (`tfc.backend.cache`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(slots=True)
class Settings:
    """The settings of this process."""

    run_functions_eagerly: bool = field(
        default_factory=lambda: os.environ.get("TFC_RUN_EAGERLY", "") == "1"
    )
    """Compiled functions run as plain Python, so that a debugger stops on the user's lines."""

    verbosity: int = 0
    """From 1 on, every trace is announced on stdout."""

    execution: str = field(default_factory=lambda: os.environ.get("TFC_EXECUTION", "native"))
    """`native` code, or the `reference` executor, which runs the tensor stage op by op in NumPy."""


SETTINGS = Settings()
