"""The C header of a compiled program: its words, its messages, a typed call, and a context made of malloc."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfc.backend.signature import REPORT_WORDS

if TYPE_CHECKING:
    import numpy as np
    from tfc.backend.signature import ArraySpec, EntrySignature

_C_TYPES = {
    "i1": "uint8_t", "i8": "int8_t", "i16": "int16_t", "i32": "int32_t", "i64": "int64_t", "index": "int64_t",
    "f16": "uint16_t", "bf16": "uint16_t", "f32": "float", "f64": "double",
}  # fmt: skip


def is_c_name(name: str) -> bool:
    """Whether C takes `name` for a function."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name))


def c_header(
    symbol: str,
    entry: EntrySignature,
    asserts: Sequence[str],
    file: str,
    unsigned: tuple[Sequence[bool], Sequence[bool]] = ((), ()),
) -> str:
    """The text of a header for the program that is entered by `symbol`.

    `unsigned` says which arguments and which results are unsigned, where that is known.

    Example:
        c_header("layer", artifact.entry, artifact.asserts, "layer.mlir")
    """
    parameters, words, after, notes = _boundary(entry, unsigned)
    guard = f"TFC_{symbol.upper()}_H"
    listed = "".join(f"\n *   [{k}] {note}" for k, note in enumerate(notes))
    count = len(words)
    call = ",\n    ".join(["const tfc_context *context", *parameters, "int64_t *report"])
    failed = "".join(f"\n    {line[0]}" for line in after)
    fine = "".join(f"\n    {line[1]}" for line in after)
    finish = f"\n  if (status) {{{failed}\n  }} else {{{fine}\n  }}" if after else ""
    texts = "".join(f"\n    {_quoted(text)}," for text in asserts)
    message = f"  static const char *const texts[] = {{{texts}\n  }};\n" if asserts else ""
    found = f"status >= 1 && status <= {len(asserts)} ? texts[status - 1] : " if asserts else ""
    return f"""\
/* {file.replace("*/", "")} for C, written by tfc-translate. docs/c.md explains it. */
#ifndef {guard}
#define {guard}
{_CONTEXT}
#ifdef __cplusplus
extern "C" {{
#endif

/* The program. Arrays are row-major and do not overlap. Words:{listed}
 *   [{count}] to [{count + REPORT_WORDS - 1}] written when the call fails: the numbers of the message
 * The status: 0, a number of {symbol}_message, -1 (a host call failed) or -2 (out of memory). */
int32_t {symbol}(const tfc_context *context, uint64_t *words);
#define {symbol.upper()}_WORDS {count + REPORT_WORDS}

/* What a status means. `CODE|file:line:column|message`, where {{0}} stands for report[0]. */
static inline const char *{symbol}_message(int32_t status) {{
{message}  return {found}status == -1 ? "a host call failed" : status == -2 ? "out of memory" : "";
}}

/* The same with types. `report`: room for {REPORT_WORDS} numbers, or NULL. */
static inline int32_t {symbol}_call(
    {call}) {{
  uint64_t words[{count + REPORT_WORDS}] = {{{", ".join([*words, "0"])}}};
  int32_t status = {symbol}(context, words);
  if (report) memcpy(report, words + {count}, {8 * REPORT_WORDS});{finish}
  return status;
}}

#ifdef __cplusplus
}}
#endif
#endif
"""


def _boundary(
    entry: EntrySignature, unsigned: tuple[Sequence[bool], Sequence[bool]]
) -> tuple[list[str], list[str], list[tuple[str, str]], list[str]]:
    """Parameters of the typed call, the words, what is stored after a call (failed, fine), and a line on each word."""
    parameters: list[str] = []
    words: list[str] = []
    after: list[tuple[str, str]] = []
    notes: list[str] = []
    for k, array in enumerate(entry.arguments):
        kind = _c_type(array, unsigned[0], k)
        written = k in entry.updates
        parameters.append(f"{'' if written else 'const '}{kind} *x{k}")
        words.append(f"(uint64_t)(uintptr_t)x{k}")
        notes.append(f"argument {k}, {_shape(array)}{', updated' if written else ''}")
        for d in _unknown(array):
            parameters.append(f"int64_t x{k}_size{d}")
            words.append(f"(uint64_t)x{k}_size{d}")
            notes.append(f"size {d} of argument {k}")
    for k, result in enumerate(entry.results):
        array, kind = result.array, _c_type(result.array, unsigned[1], k)
        if not result.dynamic:
            parameters.append(f"{kind} *y{k}")
            words.append(f"(uint64_t)(uintptr_t)y{k}")
            notes.append(f"result {k}, {_shape(array)}: room for it")
            continue
        parameters.append(f"{kind} **y{k}")
        after.append((f"*y{k} = 0;", f"*y{k} = ({kind} *)(uintptr_t)words[{len(words)}];"))
        notes.append(f"result {k}, {_shape(array)}: written; give it to context->free")
        words.append("0")
        for d in _unknown(array):
            parameters.append(f"int64_t *y{k}_size{d}")
            after.append((f"*y{k}_size{d} = 0;", f"*y{k}_size{d} = (int64_t)words[{len(words)}];"))
            notes.append(f"size {d} of result {k}: written")
            words.append("0")
    return parameters, words, after, notes


def _unknown(array: ArraySpec) -> list[int]:
    return [d for d, size in enumerate(array.shape) if size < 0]


def _shape(array: ArraySpec) -> str:
    return "x".join([*("?" if n < 0 else str(n) for n in array.shape), array.dtype])


def _c_type(array: ArraySpec, unsigned: Sequence[bool], index: int) -> str:
    name = _C_TYPES[array.dtype]
    return "u" + name if index < len(unsigned) and unsigned[index] else name


def unsigned_of(dtypes: Sequence[np.dtype] | None) -> list[bool]:
    """Which of `dtypes` are unsigned integers; nothing when they are not known."""
    return [dtype.kind == "u" for dtype in dtypes or ()]


def _quoted(text: str) -> str:
    """A C string. `?` is escaped too: two of them begin a trigraph."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("?", "\\?") + '"'


_CONTEXT = """
#ifndef TFC_CONTEXT
#define TFC_CONTEXT
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All that a program knows of its surroundings. A frame belongs to one call. */
typedef struct tfc_context {
  void *(*alloc)(void *frame, int64_t bytes); /* 64-byte aligned, or NULL */
  void (*free)(void *data);
  int32_t (*host_call)(const struct tfc_context *context, int64_t number, uint64_t *words);
  void (*parallel_for)(void (*body)(void *data, int64_t lo, int64_t hi), void *data, int64_t n, int64_t grain);
  void (*free_all)(void *frame); /* what a failed call has left */
  void (*disown)(void *data);    /* out of its frame: it is a result */
  void (*adopt)(void *frame, void *data);
} tfc_context;

/* One thread and malloc. Blocks know their frame's list, whose head is behind eight words of a report. */
typedef struct tfc_block {
  struct tfc_block *next, **link;
  void *start;
} tfc_block;
static inline tfc_block *tfc_block_of(void *data) { return (tfc_block *)((char *)data - 64); }
static inline void tfc_adopt(void *frame, void *data) {
  tfc_block *block = tfc_block_of(data), **head = (tfc_block **)((char *)frame + 64);
  block->next = *head;
  block->link = head;
  if (block->next) block->next->link = &block->next;
  *head = block;
}
static inline void *tfc_alloc(void *frame, int64_t bytes) {
  if (bytes < 0 || (uint64_t)bytes > SIZE_MAX / 2) return NULL;
  char *start = (char *)malloc((size_t)bytes + 128);
  if (!start) return NULL;
  char *data = start + 128 - (uintptr_t)start % 64;
  tfc_block_of(data)->start = start;
  tfc_adopt(frame, data);
  return data;
}
static inline void tfc_disown(void *data) {
  tfc_block *block = tfc_block_of(data);
  if (!block->link) return;
  if (block->next) block->next->link = block->link;
  *block->link = block->next;
  block->link = NULL;
}
static inline void tfc_free(void *data) {
  tfc_disown(data);
  free(tfc_block_of(data)->start);
}
static inline void tfc_free_all(void *frame) {
  for (tfc_block **head = (tfc_block **)((char *)frame + 64); *head;) tfc_free((char *)*head + 64);
}
static inline int32_t tfc_no_host(const tfc_context *context, int64_t number, uint64_t *words) {
  (void)context, (void)number, (void)words;
  return -1;
}
static inline void tfc_one_thread(void (*body)(void *, int64_t, int64_t), void *data, int64_t n, int64_t grain) {
  (void)grain;
  body(data, 0, n);
}
static inline const tfc_context *tfc_malloc_context(void) {
  static const tfc_context context = {tfc_alloc,    tfc_free,   tfc_no_host, tfc_one_thread,
                                      tfc_free_all, tfc_disown, tfc_adopt};
  return &context;
}
#endif
"""
