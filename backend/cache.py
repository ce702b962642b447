"""Compiled code on disk. On by default; `TFC_CACHE=0` turns it off, `TFC_CACHE_DIR` moves it.

It is the folder `tfc` in `TFC_CACHE_DIR`, else in `XDG_CACHE_HOME`, else in `~/.cache`. An entry is one file, named by its key:
magic, digest of name and data, data. Writes go to a temporary name and are renamed, so that a reader sees a whole entry or none.
Anything odd (too short, another digest, another owner) is a miss. Nothing is ever unpickled. Since what lies in the folder is
executed, it is made for the user alone; one that others may write to is not used and not changed. Files of other names are not
touched.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import stat
import sys
import time
import warnings
from importlib.machinery import ModuleSpec

from tfc.dialects import environment

try:  # what `hashlib` gives, without loading OpenSSL, which is 3 ms of a warm start
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

MAGIC = b"tfcache2"
_DIGEST = 20
#: Bytes the folder may hold; the least recently used entries go first.
DEFAULT_LIMIT = 512 << 20
_SWEEP_EVERY = 64
_stores = 0


def directory() -> str | None:
    """The folder of the cache, made if missing; None when the cache is off or the folder cannot be
    trusted, which is a warning.

    Example:
        with TFC_CACHE=0 in the environment: directory() is None
    """
    if not environment.switch("TFC_CACHE"):
        return None
    base = os.environ.get("TFC_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    folder = os.path.realpath(os.path.join(base or os.path.expanduser("~/.cache"), "tfc"))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        why = _distrust(os.lstat(folder))
    except OSError:
        return None
    if not why:
        return folder
    if folder not in _refused:
        _refused.add(folder)
        text = f"compiled code is not kept on disk: {folder} {why}; choose another TFC_CACHE_DIR, or set TFC_CACHE=0"
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    return None


#: Folders that the user has been warned of.
_refused: set[str] = set()


def _distrust(facts: os.stat_result) -> str:
    """Why a folder may hold what somebody else has written; empty when it may not."""
    if not stat.S_ISDIR(facts.st_mode):
        return "is not a folder"
    if not hasattr(os, "getuid"):
        return ""
    if facts.st_uid != os.getuid():
        return "belongs to another user"
    return "can be written to by others" if facts.st_mode & 0o022 else ""


@functools.cache
def versions() -> str:
    """What generated code depends on beside the program: the sources that make it, and the versions of the compilers under it.

    Looked up in the file system: asking `importlib.metadata` costs 20 ms. Sources count by size and time of change, so that
    an edited tfc never meets code of the one before.

    Example:
        versions().startswith("llvmlite-0.50")
    """
    found = [_installed("llvmlite"), _installed("xdsl"), _installed("numpy")]
    digest = blake2b(digest_size=16)
    here = os.path.dirname(os.path.abspath(__file__))
    for name, size, changed in sorted(_sources([here, *_packages()])):
        digest.update(f"{name}:{size}:{changed};".encode())
    return ";".join(found) + ";tfc-" + digest.hexdigest()


def _packages() -> list[str]:
    """The other folders with sources that make code of a recorded program, wherever they were installed from."""
    found: list[str] = []
    for name in ("tfc.dialects", "tfc.passes", "tfc.graph", "tfc.tracing"):
        spec = _spec_of(name)
        if spec is not None:
            found += spec.submodule_search_locations or []
    return found


def _sources(folders: list[str]) -> set[tuple[str, int, int]]:
    found: set[tuple[str, int, int]] = set()
    pending = list(folders)
    while pending:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as listing:
            for item in listing:
                if item.name.endswith(".py"):
                    facts = item.stat()
                    found.add((item.name, facts.st_size, facts.st_mtime_ns))
                elif item.is_dir() and not item.name.startswith(("_", ".")):
                    pending.append(item.path)
    return found


def _spec_of(name: str) -> ModuleSpec | None:
    """What `importlib.util.find_spec` says, without loading that."""
    if name in sys.modules:
        return sys.modules[name].__spec__
    parent = name.rpartition(".")[0]
    path = sys.modules[parent].__path__ if parent else None
    found = (finder.find_spec(name, path) for finder in sys.meta_path)
    return next(filter(None, found), None)


def _installed(name: str) -> str:
    """`name-version`, from the folder that pip leaves beside the package."""
    spec = _spec_of(name)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        with contextlib.suppress(OSError):
            for entry in os.listdir(os.path.dirname(folder)):
                if entry.startswith(f"{name}-") and entry.endswith(".dist-info"):
                    return entry.removesuffix(".dist-info")
    return name


def key(*parts: str | bytes) -> str:
    """A name for an entry: every part, and its length, counts.

    Example:
        key("program", graph_hash, host_identity(), versions())
    """
    digest = blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def load(name: str) -> bytes | None:
    """The data stored under a key, or None."""
    folder = directory()
    if folder is None:
        return None
    path = os.path.join(folder, name)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        with open(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if hasattr(os, "getuid") and facts.st_uid != os.getuid():
                return None
            data = file.read()
            # The time of last use, at most once a minute: reads should not become writes.
            if time.time() - facts.st_mtime > 60:
                with contextlib.suppress(OSError):
                    os.utime(descriptor)
    except OSError:
        return None
    return _unwrap(name, data)


def _unwrap(name: str, data: bytes) -> bytes | None:
    start = len(MAGIC) + _DIGEST
    if len(data) < start or data[: len(MAGIC)] != MAGIC:
        return None
    body = data[start:]
    return body if data[len(MAGIC) : start] == _digest_of(name, body) else None


def _digest_of(name: str, data: bytes) -> bytes:
    """What tells that this is the entry of this name, and whole."""
    digest = blake2b(name.encode(), digest_size=_DIGEST)
    digest.update(data)
    return digest.digest()


def store(name: str, data: bytes) -> None:
    """Keep data under a key. Failing to (no space, no rights) is not an error."""
    global _stores  # noqa: PLW0603
    folder = directory()
    if folder is None:
        return
    wrapped = MAGIC + _digest_of(name, data) + data
    temporary = os.path.join(folder, f".new-{os.getpid()}-{os.urandom(8).hex()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(wrapped)
        os.replace(temporary, os.path.join(folder, name))
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        return
    if _stores % _SWEEP_EVERY == 0:
        sweep(folder)
    _stores += 1


def limit() -> int:
    """`TFC_CACHE_LIMIT` in bytes, else 512 MiB."""
    given = environment.number("TFC_CACHE_LIMIT")
    return DEFAULT_LIMIT if given is None else given


#: What `store` names its files while they are written, and then.
_TEMPORARY = r"\.new-[0-9]+-[0-9a-f]{16}"
_ENTRY = "[0-9a-f]{40}"


def sweep(folder: str | os.PathLike[str]) -> None:
    """Delete the least recently used entries beyond the limit, and temporary files of writers that
    died. Files that are not of the cache stay and do not count.
    """
    entries: list[tuple[float, int, str]] = []
    now = time.time()
    try:
        with os.scandir(folder) as listing:
            for item in listing:
                with contextlib.suppress(OSError):
                    facts = item.stat(follow_symlinks=False)
                    if re.fullmatch(_ENTRY, item.name):
                        entries.append((facts.st_mtime, facts.st_size, item.path))
                    elif re.fullmatch(_TEMPORARY, item.name) and now - facts.st_mtime > 3600:
                        os.unlink(item.path)
    except OSError:
        return
    total = sum(size for _, size, _ in entries)
    most = limit()
    for _, size, path in sorted(entries):
        if total <= most:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= size
