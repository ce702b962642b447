"""Uncaught exceptions of compiled functions are shown without the library's own frames."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from types import TracebackType


@functools.cache
def _own_folders() -> tuple[str, ...]:
    """The folders of this package, as frames name them."""
    import tfc

    here = Path(tfc.__file__).parent
    return tuple({f"{here}/", f"{here.resolve()}/", f"{Path(__file__).resolve().parents[1]}/"})


def is_own_file(filename: str) -> bool:
    """Whether a frame belongs to tfc itself."""
    return filename.startswith(("<tfc", "<guards", *_own_folders()))


def without_own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without tfc's frames; as it was when nothing else would be left, or when tfc was not where it ended."""
    frames: list[TracebackType] = []
    step = traceback
    while step is not None:
        frames.append(step)
        step = step.tb_next
    if not frames or not is_own_file(frames[-1].tb_frame.f_code.co_filename):
        return traceback
    kept = [item for item in frames if not is_own_file(item.tb_frame.f_code.co_filename)]
    if not kept:
        return traceback
    for item, following in zip(kept, [*kept[1:], None], strict=True):
        item.tb_next = following
    return kept[0]


@functools.cache
def install() -> None:
    """Filter uncaught exceptions, then show them as before."""
    previous = sys.excepthook

    def show(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        previous(kind, error, without_own_frames(traceback))

    sys.excepthook = show
