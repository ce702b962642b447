"""Settings of this process that belong to the frontend. `tf.config` changes them, docs/settings.md lists them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tfc.dialects import environment


@dataclass(slots=True)
class Settings:
    """The settings of this process."""

    run_functions_eagerly: bool = field(
        default_factory=lambda: environment.switch("TFC_RUN_EAGERLY")
    )
    """Compiled functions run as plain Python, so that a debugger stops on the user's lines."""

    verbosity: int = 0
    """From 1 on, every trace is announced on stdout."""

    execution: str = field(default_factory=lambda: environment.text("TFC_EXECUTION") or "native")
    """`native` code, or the `reference` executor, which runs the tensor stage op by op in NumPy."""

    strict: bool = False
    """A shorter way that fails where the longer one does not is an error: `core.shortcuts`. For the tests of tfc."""


environment.check()
SETTINGS = Settings()
