"""Other machines to run code on: aarch64 by QEMU, WebAssembly by Node.

Both take the object file of a program with static shapes and the arrays, as a file: for each array its size in bytes and whether
it is given, then its bytes if it is. They print the bytes of the results. The context's functions (docs/architecture.md) are
the simplest that do.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tfc.backend.jit import emit_object
from tfc.backend.target import TARGETS

_DRIVER_C = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int32_t tfc_entry(void **context, void **words);
static void *alloc(void *frame, int64_t size) { return aligned_alloc(64, (size + 127) / 64 * 64); }
static void nothing(void *p) {}
static void adopt(void *frame, void *p) {}
static int32_t host_call(void *c, int64_t k, void *w) { return -1; }
static void parallel_for(void (*body)(void *, int64_t, int64_t), void *data, int64_t n, int64_t grain) {
  body(data, 0, n);
}
static int64_t number(FILE *f) { int64_t n = 0; return fread(&n, 8, 1, f) == 1 ? n : -1; }

int main(int argc, char **argv) {
  void *context[7] = {alloc, free, host_call, parallel_for, nothing, nothing, adopt};
  FILE *f = fopen(argv[1], "rb");
  int64_t count = number(f), *sizes = malloc(8 * count), *given = malloc(8 * count);
  void **words = calloc(count + 8, 8);
  for (int64_t i = 0; i < count; i++) {
    sizes[i] = number(f), given[i] = number(f);
    words[i] = alloc(0, sizes[i]);
    if (given[i] && sizes[i] && fread(words[i], sizes[i], 1, f) != 1) return 2;
  }
  int32_t status = tfc_entry(context, words);
  if (status) return 3;
  for (int64_t i = 0; i < count; i++)
    if (!given[i]) fwrite(words[i], 1, sizes[i], stdout);
  return 0;
}
"""

_WASM_RUNTIME = """
declare i32 @tfc_entry(ptr, ptr)
@heap = global i64 0
@context = global [7 x ptr] [ptr @alloc, ptr @nothing, ptr @host_call, ptr @parallel_for, ptr @nothing, ptr @nothing, ptr @adopt]
define ptr @alloc(ptr %frame, i64 %bytes) {
  %start = load i64, ptr @heap
  %end = add i64 %start, %bytes
  %more = add i64 %end, 63
  %next = and i64 %more, -64
  store i64 %next, ptr @heap
  %block = inttoptr i64 %start to ptr
  ret ptr %block
}
define void @nothing(ptr %p) { ret void }
define void @adopt(ptr %frame, ptr %p) { ret void }
define i32 @host_call(ptr %context, i64 %k, ptr %words) { ret i32 -1 }
define void @parallel_for(ptr %body, ptr %data, i64 %n, i64 %grain) {
  call void %body(ptr %data, i64 0, i64 %n)
  ret void
}
define i32 @run(ptr %words) {
  %status = call i32 @tfc_entry(ptr @context, ptr %words)
  ret i32 %status
}
"""

_DRIVER_JS = """
const fs = require("fs");
const [, , linked, data] = process.argv;
const file = fs.readFileSync(data);
let memory;
const bytes = () => new Uint8Array(memory.buffer);
const env = {
  memcpy: (d, s, n) => (bytes().copyWithin(d, s, s + n), d),
  memmove: (d, s, n) => (bytes().copyWithin(d, s, s + n), d),
  memset: (d, c, n) => (bytes().fill(c, d, d + n), d),
};
const made = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(linked)), { env }).exports;
memory = made.memory;
let top = (made.__heap_base.value + 63) & ~63, at = 8;
const place = (n) => { const p = top; top = (top + n + 63) & ~63; return p; };
const arrays = [];
for (let i = 0n; i < file.readBigInt64LE(0); i++) {
  const size = Number(file.readBigInt64LE(at)), given = file.readBigInt64LE(at + 8) != 0n;
  at += 16;
  const p = place(size);
  if (given) { bytes().set(file.subarray(at, at + size), p); at += size; }
  arrays.push({ p, size, given });
}
const words = place(8 * (arrays.length + 8));
const view = new DataView(memory.buffer);
arrays.forEach(({ p }, i) => view.setBigInt64(words + 8 * i, BigInt(p), true));
view.setBigInt64(made.heap.value, BigInt(top), true);
if (made.run(words) != 0) process.exit(3);
for (const { p, size, given } of arrays)
  if (!given) fs.writeSync(1, Buffer.from(memory.buffer, p, size));
"""


def _tools(*names: str) -> list[str]:
    """The paths of programs; the calling test skips where one is missing."""
    found = [shutil.which(name) for name in names]
    missing = [name for name, path in zip(names, found, strict=True) if path is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (docs/targets.md says which packages)")
    return [path for path in found if path is not None]


def run_on(
    target: str,
    text: str,
    arguments: Sequence[np.ndarray],
    results: Sequence[np.ndarray],
    folder: Path,
) -> list[np.ndarray]:
    """What a program gives on another machine, as arrays like `results`."""
    command = {"aarch64": _aarch64, "wasm32": _wasm32}[target](text, folder)
    data = folder / "data"
    with data.open("wb") as file:
        file.write(np.int64(len(arguments) + len(results)).tobytes())
        for array in arguments:
            file.write(np.array([array.nbytes, 1]).tobytes() + array.tobytes())
        for array in results:
            file.write(np.array([array.nbytes, 0]).tobytes())
    done = subprocess.run([*command, str(data)], capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode()[-2000:]}"
    found: list[np.ndarray] = []
    at = 0
    for like in results:
        raw = done.stdout[at : at + like.nbytes]
        found.append(np.frombuffer(raw, like.dtype).reshape(like.shape))
        at += like.nbytes
    assert at == len(done.stdout)
    return found


def _object(text: str, target: str, file: Path) -> str:
    file.write_bytes(emit_object(text, TARGETS[target]))
    return str(file)


def _aarch64(text: str, folder: Path) -> list[str]:
    compiler, emulator = _tools("aarch64-linux-gnu-gcc", "qemu-aarch64")
    source, program = folder / "driver.c", str(folder / "program")
    source.write_text(_DRIVER_C)
    made = _object(text, "aarch64", folder / "program.o")
    # Without -lm: code that calls the mathematical library does not link.
    subprocess.run([compiler, "-O1", "-static", "-o", program, str(source), made], check=True)
    return [emulator, program]


def _wasm32(text: str, folder: Path) -> list[str]:
    linker, node = _tools("wasm-ld", "node")
    driver, program = folder / "driver.js", str(folder / "program.wasm")
    driver.write_text(_DRIVER_JS)
    objects = [
        _object(text, "wasm32", folder / "program.o"),
        _object(_WASM_RUNTIME, "wasm32", folder / "runtime.o"),
    ]
    exported = [f"--export={name}" for name in ("run", "heap", "__heap_base")]
    memory = ["--initial-memory=67108864", "--allow-undefined", "--no-entry"]
    subprocess.run([linker, *memory, *exported, "-o", program, *objects], check=True)
    return [node, str(driver), program]
