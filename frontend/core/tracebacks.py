"""Exceptions are shown without the library's own frames. `TFC_TRACEBACK=full` keeps them."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from types import TracebackType

from tfc.dialects import environment


@functools.cache
def _own_folders() -> tuple[str, ...]:
    """The folders of this package, as frames name them."""
    import tfc

    here = os.path.dirname(tfc.__file__)
    sources = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return tuple({f"{here}/", f"{os.path.realpath(here)}/", f"{sources}/"})


def is_own_file(filename: str) -> bool:
    """Whether a frame belongs to tfc itself."""
    return filename.startswith(("<tfc", "<guards", *_own_folders()))


def _is_hidden(filename: str) -> bool:
    """What tfc's own errors leave out: also the libraries that the user called and that met a tensor without values."""
    from tfc.tracing.syntax.source import is_library_file

    return is_own_file(filename) or is_library_file(filename)


def without_own_frames(
    traceback: TracebackType | None, hidden: Callable[[str], bool] = is_own_file
) -> TracebackType | None:
    """The traceback without tfc's frames."""
    kept: list[TracebackType] = []
    while traceback is not None:
        if not hidden(traceback.tb_frame.f_code.co_filename):
            kept.append(traceback)
        traceback = traceback.tb_next
    for item, following in zip(kept, [*kept[1:], None], strict=False):
        item.tb_next = following
    return kept[0] if kept else None


def trim(error: BaseException) -> None:
    """Take tfc's frames out of the traceback of an exception, and of those that led to it.

    For an `except` clause that ends in a bare `raise`: Python then goes on with the traceback that the exception has, so
    that the frame of the clause itself is not shown either.
    """
    if environment.switch("TFC_TRACEBACK"):
        return
    from tfc.core.errors import TFCError

    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        hidden = _is_hidden if isinstance(current, TFCError) else is_own_file
        current.__traceback__ = without_own_frames(current.__traceback__, hidden)
        current = current.__cause__ or current.__context__


PUBLIC: set[str] = set()
"""The names of the public functions, as `tfc.core.boundary` meets them."""


INTERNAL_OPS = frozenset(("contract",))
"""Ops whose names are no public functions, but may be those of messages."""


def speak_of(error: BaseException, function: str) -> None:
    """Let the text of an error begin with the function that was called, where it begins with one which that uses.

    The first public function or operator that an error leaves is the one that was called.
    """
    from tfc.core.errors import TFCError

    if not isinstance(error, TFCError) or error.is_of_call:
        return
    error.is_of_call = True
    op, colon, text = str(error.message).partition(": ")
    is_of_arguments = error.code.startswith("TFC1")
    is_op = op in PUBLIC or op in INTERNAL_OPS
    if colon and is_of_arguments and function != op and function in PUBLIC and is_op:
        error.message = f"{function}: {text}"


@functools.cache
def install() -> None:
    """Do the same with what is uncaught, and say what was probably meant where Python itself raises."""
    previous = sys.excepthook

    def show(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if not environment.switch("TFC_TRACEBACK"):
            traceback = without_own_frames(traceback) or traceback
            error.__traceback__ = traceback
        from tfc.core.hints import hint

        fix = hint(error)
        if fix and not hasattr(error, "__notes__"):
            error.add_note(f"  fix: {fix}")
        previous(kind, error, traceback)

    sys.excepthook = show
