"""What code is generated for: triple, CPU, vector width, registers, caches.

Plain data that passes may ask for (tile sizes, vector widths) without loading LLVM.
"""

from __future__ import annotations

import functools
import os
import platform

from tfc.backend.cache import blake2b
from tfc.dialects.records import Record


class Target(Record):
    """A machine.

    Fields: `vector_bits` and `vector_registers` describe the widest profitable vectors,
    `l1_bytes`/`l2_bytes` the data caches of a core, `l3_bytes` the share one core can count on when
    alone. `cpu` and `features` are LLVM's words.

    Example:
        TARGETS["x86-64-v3"].vector_bits  # 256
    """

    name: str
    triple: str
    cpu: str
    features: str = ""
    vector_bits: int = 128
    vector_registers: int = 16
    l1_bytes: int = 32 * 1024
    l2_bytes: int = 256 * 1024
    l3_bytes: int = 8 * 1024 * 1024
    pointer_bits: int = 64
    fma: bool = True
    """Whether it multiplies and adds in one instruction."""

    def facts(self) -> dict[str, int]:
        """What passes ask of a target, by the names of their options (`for_target` in `passes/pipelines.py`)."""
        return {
            "vector_bits": self.vector_bits,
            "vector_registers": self.vector_registers,
            "l1_bytes": self.l1_bytes,
            "l2_bytes": self.l2_bytes,
            "l3_bytes": self.l3_bytes,
            "fma": self.fma,
        }

    def lanes(self, bits: int) -> int:
        """Elements of this width in a vector.

        >>> TARGETS["x86-64-v3"].lanes(32)
        8
        """
        return max(1, self.vector_bits // bits)

    def key(self) -> str:
        """What distinguishes code for this target from code for another, for the disk cache.

        The host's has what the kernel says about its CPU: machines may share a home folder.
        """
        identity = f"|{_digest(host_identity())}" if self.name == "host" else ""
        return f"{self.triple}|{self.cpu}|{self.features}|{self.vector_bits}{identity}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


_LINUX_X86 = "x86_64-unknown-linux-gnu"

#: Targets by the name `tfc-translate --target` takes.
TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("x86-64-v2", _LINUX_X86, "x86-64-v2", fma=False),
        Target("x86-64-v3", _LINUX_X86, "x86-64-v3", vector_bits=256),
        Target(
            "x86-64-v4",
            _LINUX_X86,
            "x86-64-v4",
            "-prefer-256-bit",
            vector_bits=512,
            vector_registers=32,
            l2_bytes=1024 * 1024,
        ),
        Target("aarch64", "aarch64-unknown-linux-gnu", "generic", "+neon", 128, 32),
        Target(
            "wasm32",
            "wasm32-unknown-unknown",
            "generic",
            "+simd128",
            pointer_bits=32,
            fma=False,
        ),
    )
}


@functools.cache
def host() -> Target:
    """The machine this process runs on, from what the kernel says; LLVM is not loaded."""
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        return _x86_host()
    if machine in ("aarch64", "arm64"):
        return _with_caches(TARGETS["aarch64"].replace(name="host", cpu="", features=""))
    return _with_caches(Target("host", "", ""))


def _cpu_info() -> dict[str, str]:
    """The first processor's block of /proc/cpuinfo; empty where there is none."""
    facts: dict[str, str] = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if not value:
                    if facts:
                        break
                    continue
                facts[name.strip()] = value.strip()
    except OSError:
        return {}
    return facts


def _x86_host() -> Target:
    """`cpu` is left empty: LLVM's own detection fills it in when code is made (`jit.host_cpu`).

    The identity for the cache is family, model, stepping and flags, since those decide what LLVM
    detects.
    """
    facts = _cpu_info()
    flags = set(facts.get("flags", "").split())
    if {"avx512f", "avx512vl", "avx512dq", "avx512bw"} <= flags:
        base = TARGETS["x86-64-v4"]
    elif {"avx2", "fma"} <= flags:
        base = TARGETS["x86-64-v3"]
    else:
        base = TARGETS["x86-64-v2"]
    return _with_caches(base.replace(name="host", cpu="", features=""))


@functools.cache
def host_identity() -> str:
    """What the kernel says about the CPU, for keys: code made on one machine must not run on a
    lesser one.
    """
    facts = _cpu_info()
    names = ("vendor_id", "cpu family", "model", "stepping", "flags", "CPU part", "Features")
    return "|".join(facts.get(name, "") for name in names) + "|" + platform.machine()


def _with_caches(target: Target) -> Target:
    sizes: dict[str, int] = {}
    base = "/sys/devices/system/cpu/cpu0/cache"
    try:
        for index in sorted(os.listdir(base)):
            if not index.startswith("index") or _read(f"{base}/{index}/type") == "Instruction":
                continue
            text = _read(f"{base}/{index}/size")
            scale = {"K": 1024, "M": 1024 * 1024}.get(text[-1:], 1)
            level = _read(f"{base}/{index}/level")
            sizes[f"l{level}_bytes"] = int(text.rstrip("KM")) * scale
    except (OSError, ValueError):
        pass
    known = {k: v for k, v in sizes.items() if k in ("l1_bytes", "l2_bytes", "l3_bytes")}
    return target.replace(**known)


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def usable_cores() -> int:
    """How many threads make sense: affinity, and the cgroup's CPU quota."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return max(1, min(cores, _quota()))


def _quota() -> int:
    """CPUs that cgroup v2 or v1 allows, rounded up; a large number without a limit."""
    unlimited = 1 << 16
    try:
        text = _read("/sys/fs/cgroup/cpu.max").split()
        return unlimited if text[0] == "max" else -(-int(text[0]) // int(text[1]))
    except (OSError, ValueError, IndexError):
        pass
    try:
        quota = int(_read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"))
        period = int(_read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
        return unlimited if quota <= 0 else -(-quota // period)
    except (OSError, ValueError, ZeroDivisionError):
        return unlimited
