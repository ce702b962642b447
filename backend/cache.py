"""Compiled code on disk. On by default; `TFC_CACHE=0` turns it off, `TFC_CACHE_DIR` moves it.

An entry is one file, named by its key: magic, digest, data. Writes go to a temporary name and are
renamed, so that a reader sees a whole entry or none. Anything odd (too short, another digest,
another owner) is a miss. Nothing is ever unpickled. The folder is the user's alone (mode 0700,
owner checked), since what lies in it is executed.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from importlib.machinery import ModuleSpec

try:  # what `hashlib` gives, without loading OpenSSL, which is 3 ms of a warm start
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

MAGIC = b"tfcache1"
_DIGEST = 20
#: Bytes the folder may hold; the least recently used entries go first.
DEFAULT_LIMIT = 512 << 20
_SWEEP_EVERY = 64
_stores = 0


def directory() -> str | None:
    """The folder of the cache, made if missing; None when the cache is off or the folder cannot be
    trusted.

    Example:
        with TFC_CACHE=0 in the environment: directory() is None
    """
    if os.environ.get("TFC_CACHE", "1").strip().lower() in ("0", "off", "false", "no"):
        return None
    chosen = os.environ.get("TFC_CACHE_DIR")
    if chosen:
        folder = chosen
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        folder = os.path.join(base, "tfc")
    return folder if _trusted(folder) else None


def _trusted(folder: str) -> bool:
    """Whether the folder is ours alone; made so when it does not exist."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        facts = os.lstat(folder)
        if hasattr(os, "getuid") and facts.st_uid != os.getuid():
            return False
        if facts.st_mode & 0o022:
            os.chmod(folder, 0o700)
        return os.path.isdir(folder) and not os.path.islink(folder)
    except OSError:
        return False


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
    return _unwrap(data)


def _unwrap(data: bytes) -> bytes | None:
    start = len(MAGIC) + _DIGEST
    if len(data) < start or data[: len(MAGIC)] != MAGIC:
        return None
    body = data[start:]
    if blake2b(body, digest_size=_DIGEST).digest() != data[len(MAGIC) : start]:
        return None
    return body


def store(name: str, data: bytes) -> None:
    """Keep data under a key. Failing to (no space, no rights) is not an error."""
    global _stores  # noqa: PLW0603
    folder = directory()
    if folder is None:
        return
    wrapped = MAGIC + blake2b(data, digest_size=_DIGEST).digest() + data
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
    try:
        return int(os.environ["TFC_CACHE_LIMIT"])
    except (KeyError, ValueError):
        return DEFAULT_LIMIT


def sweep(folder: str | os.PathLike[str]) -> None:
    """Delete the least recently used entries beyond the limit, and temporary files of writers that
    died.
    """
    entries: list[tuple[float, int, str]] = []
    now = time.time()
    try:
        with os.scandir(folder) as listing:
            for item in listing:
                with contextlib.suppress(OSError):
                    facts = item.stat(follow_symlinks=False)
                    if item.name.startswith(".new-"):
                        if now - facts.st_mtime > 3600:
                            os.unlink(item.path)
                        continue
                    entries.append((facts.st_mtime, facts.st_size, item.path))
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
