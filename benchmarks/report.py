"""What was measured, as a file, as tables, and as docs/performance.md with its picture.

python benchmarks/report.py     # write the page from benchmarks/results.json
"""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chart import Bar, chart
from limits import Limits, roofline
from workload import Workload
from workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "benchmarks" / "results.json"

Entries = dict[str, dict[str, Any]]
"""Peer to `time`, `cold`, `warm` in seconds, `wrong` or `error`."""


@dataclass
class Results:
    """Measurements: workload, then threads, then peer."""

    machine: dict[str, str] = field(default_factory=dict)
    """When and where it was measured, by threads."""
    versions: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Limits] = field(default_factory=dict)
    workloads: dict[str, dict[str, Entries]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> Results:
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def add(self, workload: str, threads: int, found: Entries) -> None:
        """Put in what was measured; peers that were not keep what they had."""
        self.workloads.setdefault(workload, {}).setdefault(str(threads), {}).update(found)

    def of(self, workload: type[Workload], threads: int) -> Entries:
        return self.workloads.get(workload.__name__, {}).get(str(threads), {})


def describe_machine(clock: str) -> str:
    """When and where, and what else was going on in the last quarter of an hour."""
    name = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":")[1].strip()
            break
    cpus = len(os.sched_getaffinity(0))
    today = datetime.date.today().isoformat()
    times = "wall clock" if clock == "wall" else "CPU time of all threads"
    return f"{today}, {name} with {cpus} CPUs, load average {os.getloadavg()[2]:.1f}, {times}"


def milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.3g}" if seconds < 0.0995 else f"{1e3 * seconds:.0f}"


def best_peer(found: Entries) -> tuple[str, float] | None:
    """The fastest of the others whose results are right."""
    times = {
        peer: entry["time"]
        for peer, entry in found.items()
        if peer != "tfc" and "time" in entry and "wrong" not in entry
    }
    return min(times.items(), key=lambda item: item[1]) if times else None


def bars_of(results: Results, threads: int, chosen: Sequence[type[Workload]]) -> list[Bar]:
    """The best peer's time over ours, for each workload that both have."""
    bars: list[Bar] = []
    for workload in chosen:
        found = results.of(workload, threads)
        best, ours = best_peer(found), found.get("tfc", {})
        if best and "time" in ours:
            bars.append(Bar(workload.__name__, best[1] / ours["time"], best[0]))
    return bars


def summary(bars: Sequence[Bar]) -> str:
    if not bars:
        return "Nothing to compare with."
    mean = math.exp(sum(math.log(bar.speed) for bar in bars) / len(bars))
    ahead = sum(bar.speed >= 1 for bar in bars)
    return (
        f"Against the best of the peers on each of {len(bars)} workloads, tfc is {mean:.2f} times as fast in the "
        f"geometric mean, and at least as fast on {ahead}."
    )


def table(
    results: Results, threads: int, peers: Sequence[str], chosen: Sequence[type[Workload]]
) -> str:
    """Milliseconds a call, how many times as fast as the best peer, the share of the roofline, first calls."""
    head = ["workload", *peers, "speed", "roofline", "cold", "warm", "cold jax"]
    rows = [head, ["---", *["--:"] * (len(head) - 1)]]
    for workload in chosen:
        found = results.of(workload, threads)
        best, ours = best_peer(found), found.get("tfc", {})
        row = [workload.__name__]
        for peer in peers:
            text = _time(found.get(peer, {}))
            row.append(f"**{text}**" if best and peer == best[0] else text)
        row.append(f"{best[1] / ours['time']:.2f}" if best and "time" in ours else "")
        least = roofline(results.limits[str(threads)], workload.flops, workload.bytes)
        row.append(f"{least / ours['time']:.0%}" if "time" in ours and least else "")
        row += [f"{1e3 * ours[key]:.0f}" if key in ours else "" for key in ("cold", "warm")]
        row.append(f"{1e3 * found['jax']['cold']:.0f}" if "cold" in found.get("jax", {}) else "")
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _time(entry: dict[str, Any]) -> str:
    if "time" not in entry:
        return "failed" if "error" in entry and "not spelled" not in entry["error"] else ""
    return milliseconds(entry["time"]) + (" (wrong)" if "wrong" in entry else "")


def machine_limits(limits: Limits, threads: int) -> str:
    rates = ", ".join(f"{rate / 1e9:.0f} ({mb} MB)" for mb, rate in limits["bandwidth"].items())
    return (
        f"The machine on {threads} {'thread' if threads == 1 else 'threads'}: {limits['flops'] / 1e9:.0f} GFLOP/s in float32; "
        f"GB/s by how much memory is walked: {rates}."
    )


def report(
    results: Results, threads: int, peers: Sequence[str], chosen: Sequence[type[Workload]]
) -> str:
    """The part of the page about one number of threads."""
    bars = bars_of(results, threads, chosen)
    measured = f"Measured on {results.machine[str(threads)]}."
    parts = [measured, summary(bars), machine_limits(results.limits[str(threads)], threads)]
    return "\n\n".join([*parts, table(results, threads, peers, chosen)]) + "\n"


def quick_report(
    now: Results, stored: Results, threads: int, chosen: Sequence[type[Workload]]
) -> str:
    """tfc's times now, beside its own and the best peer's as they are stored: another day, perhaps another machine."""
    rows = ["| workload | tfc | tfc, stored | best peer, stored | speed against stored |"]
    rows.append("| --- | --: | --: | --: | --: |")
    for workload in chosen:
        ours, before = now.of(workload, threads).get("tfc", {}), stored.of(workload, threads)
        best = best_peer(before)
        peer = f"{milliseconds(best[1])} {best[0]}" if best else ""
        speed = f"{best[1] / ours['time']:.2f}" if best and "time" in ours else ""
        row = [workload.__name__, _time(ours), _time(before.get("tfc", {})), peer, speed]
        rows.append(f"| {' | '.join(row)} |")
    return (
        "\n".join(rows)
        + f"\n\nStored: measured on {stored.machine.get(str(threads), 'nothing yet')}.\n"
    )


PAGE = """\
# Performance

Made by `python benchmarks/report.py` from `benchmarks/results.json`, which `python benchmarks/run.py --save` writes;
[the README there](../benchmarks/README.md) says how. {versions}.

![How many times as fast as the best peer](performance.svg)

The tables have milliseconds a call. The best peer's are bold, and `speed` is how many times as fast as that peer tfc is.
`roofline` compares with what simple loops (`benchmarks/limits.py`) reach in the same run, where functions count as a number of
additions and multiplications and memory is read and written once. It is an estimate: more than 100 % means that a workload
used the caches better than those loops, or was disturbed less. `cold` is the first call with nothing cached, and `warm` that of
another process, which finds the code in the disk cache. Both are in milliseconds, after the library itself has been loaded.
Results that are farther from NumPy's in float64 than the workload tolerates are marked as wrong.

"""


def page(results: Results) -> tuple[str, str]:
    """docs/performance.md and docs/performance.svg."""
    chosen = list(WORKLOADS.values())
    measured = {p for w in results.workloads.values() for t in w.values() for p in t}
    peers = [p for p in ("tfc", *PEERS) if p in measured]
    versions = ", ".join(f"{peer} {version}" for peer, version in results.versions.items())
    text = PAGE.format(versions=versions or "Versions unknown")
    for threads in sorted(map(int, results.limits)):
        text += f"## {threads} {'thread' if threads == 1 else 'threads'}\n\n"
        text += report(results, threads, peers, chosen) + "\n"
    first = min(map(int, results.limits))
    picture = chart(
        bars_of(results, first, chosen), f"tfc against the best peer, {first} thread, times as fast"
    )
    return text.rstrip() + "\n", picture


PEERS = ("numpy", "numba", "jax", "tf", "xla", "torch", "torch-compile")
"""In the order of the tables."""


def main() -> None:
    text, picture = page(Results.load(STORED))
    (ROOT / "docs" / "performance.md").write_text(text)
    (ROOT / "docs" / "performance.svg").write_text(picture)


if __name__ == "__main__":
    main()
