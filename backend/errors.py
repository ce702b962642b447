"""Errors of the code generator."""


class BackendError(Exception):
    """The backend cannot do what was asked: an op it has no translation for, a target it lacks.

    Example:
        BackendError("cannot translate 'math.exp' to LLVM IR: run expand-math first")
    """


class ArtifactError(BackendError):
    """Compiled bytes that cannot be used: truncated, foreign or made for another machine."""


class ExecutionFailed(BackendError):  # noqa: N818 - the outcome of a call, which the caller turns into its own error
    """A native call that ended with a status: a failed assert.

    `text` is the assert's text as compiled (`CODE|file:line:col|message with {0}`), `values` the
    words reported for it.
    """

    def __init__(self, text: str, values: tuple[int, ...]) -> None:
        super().__init__(text.rpartition("|")[2].format(*values) if "{" in text else text)
        self.text = text
        self.values = values
