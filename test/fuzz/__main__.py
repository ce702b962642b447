"""Run random programs until some number is reached or some time is over, and print a small test for each failure.

    PYTHONPATH=test python -m fuzz --seconds 3600

Each batch runs in a process of its own, so that a crash is a finding as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TFC_CACHE", "0")  # every program is new


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--programs", type=int, default=10**9, help="how many at most")
    parser.add_argument("--seconds", type=float, default=10**9, help="for how long at most")
    parser.add_argument("--batch", type=int, default=50, help="programs in one process")
    parser.add_argument("--length", type=int, default=10, help="statements in a program at most")
    parser.add_argument("--output", type=Path, help="a folder for what is found")
    options = parser.parse_args()
    end, failures, done = time.monotonic() + options.seconds, 0, 0
    while done < options.programs and time.monotonic() < end:
        first = options.seed + done
        count = min(options.batch, options.programs - done)
        failures += _batch(range(first, first + count), end, options)
        done += count
        print(f"{done} programs, {failures} failures", file=sys.stderr, flush=True)
    print(f"{done} programs, {failures} failures")
    return 1 if failures else 0


def _batch(seeds: range, end: float, options: argparse.Namespace) -> int:
    """Run seeds in a child process; gives the number of failures."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            for seed in seeds:
                os.write(writer, f"{seed}\n".encode())
                if time.monotonic() < end:
                    os.write(writer, b"!\n" if _one(seed, options) else b"")
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read().split()
    _, status = os.waitpid(child, 0)
    failures = said.count("!")
    if status:
        last = next(word for word in reversed(said) if word != "!")
        print(f"seed {last}: the process ended with status {status}", flush=True)
        failures += 1
        rest = range(int(last) + 1, seeds.stop)
        return failures + (_batch(rest, end, options) if rest else 0)
    return failures


def _one(seed: int, options: argparse.Namespace) -> bool:
    """Run the program of a seed; whether it failed."""
    from fuzz.generation import Generator
    from fuzz.running import check
    from fuzz.shrinking import shrunk

    program = Generator(seed, options.length).program()
    failure = check(program)
    if failure is None:
        return False
    kind = failure.kind

    def fails(simpler: object) -> bool:
        found = check(simpler)  # type: ignore[arg-type]
        return found is not None and found.kind == kind

    small = shrunk(program, fails)
    last = check(small)
    text = f"# seed {seed}: {(last or failure).text}\n{small.as_test()}"
    print(f"{'-' * 40}\n{text}", flush=True)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / f"seed_{seed}.py").write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
