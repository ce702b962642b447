"""The way from Python into compiled code without ctypes, as LLVM IR: one function for all programs,
driven by a description.

It is what a C extension's METH_FASTCALL function would be: `self` is a tuple that begins with the
address of a description. It looks at each argument (an exact `ndarray`, or an object of the one class whose
slot holds one: contiguous, aligned, of the right dtype, item size, rank and sizes), packs the words,
makes the result arrays, lets other threads run, calls `tfc_entry`, and wraps what came back.
Anything unexpected is handed to the Python function that does the same slowly and says what is wrong.

The description is an array of 64-bit words (see `fastcall.describe`). Layouts relied on are those
of the public headers: `PyArrayObject_fields` (data 16, nd 24, dimensions 32, descr 56, flags 64)
and the item size of NumPy 2's descriptor (40).
"""

from __future__ import annotations

# Words of the head of a description.
HEAD = (
    *("entry", "context", "fail", "slow", "array_type", "new_array", "set_base", "free", "alloc"),
    *("arguments", "results", "words", "tensor_type", "slot", "form"),
)

_FIELDS = {name: 8 * position for position, name in enumerate(HEAD)}


def _load(name: str, type_: str = "ptr") -> str:
    """Lines that load a field of the head into `%<name>`."""
    return (
        f"  %{name}.at = getelementptr i8, ptr %description, i64 {_FIELDS[name]}\n"
        f"  %{name} = load {type_}, ptr %{name}.at\n"
    )


# C_CONTIGUOUS | ALIGNED
_FLAGS = 0x101
# C_CONTIGUOUS | ALIGNED | WRITEABLE
_OWN_FLAGS = 0x501

FASTCALL = f"""
@capsule_name = internal constant [4 x i8] c"tfc\\00"

declare ptr @PyTuple_GetItem(ptr, i64)
declare ptr @PyLong_AsVoidPtr(ptr)
declare ptr @PyList_New(i64)
declare ptr @PyList_GetItem(ptr, i64)
declare ptr @PyList_AsTuple(ptr)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare ptr @PyLong_FromLong(i64)
declare ptr @PyBytes_FromStringAndSize(ptr, i64)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyCapsule_New(ptr, ptr, ptr)
declare ptr @PyCapsule_GetPointer(ptr, ptr)
declare ptr @PyCapsule_GetContext(ptr)
declare i32 @PyCapsule_SetContext(ptr, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare ptr @PyErr_NoMemory()
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)

; A capsule that owns a block of the runtime goes: give the block back.
define internal void @drop(ptr %capsule) nounwind {{
  %data = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr @capsule_name)
  %free = call ptr @PyCapsule_GetContext(ptr %capsule)
  call void %free(ptr %data)
  ret void
}}

; An array of this type and these sizes on a block that it owns; null with an exception set.
define internal ptr @wrap(ptr %description, ptr %data, ptr %descr, i32 %rank, ptr %sizes) nounwind noinline {{
entry:
{_load("new_array")}{_load("array_type")}{_load("set_base")}{_load("free")}
  %capsule = call ptr @PyCapsule_New(ptr %data, ptr @capsule_name, ptr @drop)
  %no_capsule = icmp eq ptr %capsule, null
  br i1 %no_capsule, label %give_back, label %have
give_back:
  call void %free(ptr %data)
  ret ptr null
have:
  %c = call i32 @PyCapsule_SetContext(ptr %capsule, ptr %free)
  call void @Py_IncRef(ptr %descr)
  %array = call ptr %new_array(ptr %array_type, ptr %descr, i32 %rank, ptr %sizes, ptr null, ptr %data, i32 {_OWN_FLAGS},
      ptr null)
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %undo, label %own
undo:
  call void @Py_DecRef(ptr %capsule)
  ret ptr null
own:
  %b = call i32 %set_base(ptr %array, ptr %capsule)
  %bad = icmp ne i32 %b, 0
  br i1 %bad, label %drop_array, label %done
drop_array:
  call void @Py_DecRef(ptr %array)
  ret ptr null
done:
  ret ptr %array
}}

define ptr @tfc_fastcall(ptr %self, ptr %args, i64 %count) nounwind {{
entry:
  %address = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %description = call ptr @PyLong_AsVoidPtr(ptr %address)
{_load("entry").replace("%entry", "%code")}{_load("context")}{_load("array_type")}{_load("new_array")}{_load("alloc")}
{_load("arguments", "i64")}{_load("results", "i64")}{_load("words", "i64")}{_load("tensor_type")}{_load("slot", "i64")}
  %space = alloca i64, i64 %words, align 16
  %sizes = alloca [64 x i64], align 16
  %wanted = icmp eq i64 %count, %arguments
  br i1 %wanted, label %arguments.loop, label %slowly
arguments.loop:
  %k = phi i64 [ 0, %entry ], [ %k1, %argument.done ]
  %w = phi i64 [ 0, %entry ], [ %w.next, %argument.done ]
  %d = phi i64 [ {8 * len(HEAD)}, %entry ], [ %d.next, %argument.done ]
  %more = icmp slt i64 %k, %arguments
  br i1 %more, label %argument, label %results.begin
argument:
  %given.at = getelementptr ptr, ptr %args, i64 %k
  %given = load ptr, ptr %given.at
  %type.at = getelementptr i8, ptr %given, i64 8
  %type = load ptr, ptr %type.at
  %exact = icmp eq ptr %type, %array_type
  br i1 %exact, label %looks, label %holder
holder:
  %holds = icmp eq ptr %type, %tensor_type
  br i1 %holds, label %unwrap, label %slowly
unwrap:
  %held.at = getelementptr i8, ptr %given, i64 %slot
  %held = load ptr, ptr %held.at
  br label %looks
looks:
  %arg = phi ptr [ %given, %argument ], [ %held, %unwrap ]
  %flags.at = getelementptr i8, ptr %arg, i64 64
  %flags = load i32, ptr %flags.at
  %flags.some = and i32 %flags, {_FLAGS}
  %flags.good = icmp eq i32 %flags.some, {_FLAGS}
  %descr.at = getelementptr i8, ptr %arg, i64 56
  %descr = load ptr, ptr %descr.at
  %item.at = getelementptr i8, ptr %descr, i64 40
  %item = load i64, ptr %item.at
  %want = getelementptr i8, ptr %description, i64 %d
  %dtype.want = load ptr, ptr %want
  %dtype.any = icmp eq ptr %dtype.want, null
  %dtype.same = icmp eq ptr %descr, %dtype.want
  %dtype.good = or i1 %dtype.any, %dtype.same
  %item.want.at = getelementptr i8, ptr %want, i64 16
  %item.want = load i64, ptr %item.want.at
  %item.same = icmp eq i64 %item, %item.want
  %item.good = and i1 %item.same, %dtype.good
  %rank.at = getelementptr i8, ptr %arg, i64 24
  %rank = load i32, ptr %rank.at
  %rank.64 = sext i32 %rank to i64
  %rank.want.at = getelementptr i8, ptr %want, i64 8
  %rank.want = load i64, ptr %rank.want.at
  %rank.good = icmp eq i64 %rank.64, %rank.want
  %class.want.at = getelementptr i8, ptr %want, i64 24
  %class.want = load ptr, ptr %class.want.at
  %class.any = icmp eq ptr %class.want, null
  %class.same = icmp eq ptr %type, %class.want
  %class.good = or i1 %class.any, %class.same
  %good.1 = and i1 %flags.good, %item.good
  %good.2 = and i1 %good.1, %class.good
  %good = and i1 %good.2, %rank.good
  br i1 %good, label %fits, label %slowly
fits:
  %data.at = getelementptr i8, ptr %arg, i64 16
  %data = load i64, ptr %data.at
  %word = getelementptr i64, ptr %space, i64 %w
  store i64 %data, ptr %word
  %w.1 = add i64 %w, 1
  %d.1 = add i64 %d, 32
  %dims.at = getelementptr i8, ptr %arg, i64 32
  %dims = load ptr, ptr %dims.at
  br label %dims.loop
dims.loop:
  %n = phi i64 [ 0, %fits ], [ %n1, %dim.done ]
  %wn = phi i64 [ %w.1, %fits ], [ %wn.next, %dim.done ]
  %dn = phi i64 [ %d.1, %fits ], [ %dn.next, %dim.done ]
  %dims.more = icmp slt i64 %n, %rank.want
  br i1 %dims.more, label %dim, label %argument.end
dim:
  %size.at = getelementptr i64, ptr %dims, i64 %n
  %size = load i64, ptr %size.at
  %size.want.at = getelementptr i8, ptr %description, i64 %dn
  %size.want = load i64, ptr %size.want.at
  %open = icmp slt i64 %size.want, 0
  br i1 %open, label %dim.open, label %dim.known
dim.open:
  ; -2: any size but 1
  %no.one = icmp eq i64 %size.want, -2
  %one = icmp eq i64 %size, 1
  %bad.one = and i1 %no.one, %one
  br i1 %bad.one, label %slowly, label %dim.word
dim.word:
  %size.word = getelementptr i64, ptr %space, i64 %wn
  store i64 %size, ptr %size.word
  %wn.1 = add i64 %wn, 1
  br label %dim.done
dim.known:
  %size.good = icmp eq i64 %size, %size.want
  br i1 %size.good, label %dim.done, label %slowly
dim.done:
  %wn.next = phi i64 [ %wn.1, %dim.word ], [ %wn, %dim.known ]
  %dn.next = add i64 %dn, 8
  %n1 = add i64 %n, 1
  br label %dims.loop
argument.end:
  br label %argument.done
argument.done:
  %w.next = phi i64 [ %wn, %argument.end ]
  %d.next = phi i64 [ %dn, %argument.end ]
  %k1 = add i64 %k, 1
  br label %arguments.loop

; The result arrays whose size is known: descr, kind, rank, sizes (see fastcall.describe).
results.begin:
  %list = call ptr @PyList_New(i64 %results)
  %no_list = icmp eq ptr %list, null
  br i1 %no_list, label %nothing, label %results.loop
results.loop:
  %r = phi i64 [ 0, %results.begin ], [ %r1, %result.done ]
  %rw = phi i64 [ %w, %results.begin ], [ %rw.next, %result.done ]
  %rd = phi i64 [ %d, %results.begin ], [ %rd.next, %result.done ]
  %results.more = icmp slt i64 %r, %results
  br i1 %results.more, label %result, label %run
result:
  %about = getelementptr i8, ptr %description, i64 %rd
  %r.descr = load ptr, ptr %about
  %kind.at = getelementptr i8, ptr %about, i64 8
  %kind = load i64, ptr %kind.at
  %r.rank.at = getelementptr i8, ptr %about, i64 16
  %r.rank = load i64, ptr %r.rank.at
  %r.rank.32 = trunc i64 %r.rank to i32
  %r.sizes = getelementptr i8, ptr %about, i64 24
  %r.skip = shl i64 %r.rank, 3
  %rd.1 = add i64 %rd, 24
  %rd.next = add i64 %rd.1, %r.skip
  %dynamic = icmp slt i64 %kind, 0
  br i1 %dynamic, label %result.dynamic, label %result.static
result.dynamic:
  ; kind = -1 - number of open sizes: the words stay for the callee to fill
  %open.count = sub i64 0, %kind
  %rw.dynamic = add i64 %rw, %open.count
  br label %result.done
result.static:
  %pooled = icmp ne i64 %kind, 0
  br i1 %pooled, label %result.pooled, label %result.numpy
result.pooled:
  %block = call ptr %alloc(ptr null, i64 %kind)
  %no_block = icmp eq ptr %block, null
  br i1 %no_block, label %no_memory, label %result.wrap
result.wrap:
  %wrapped = call ptr @wrap(ptr %description, ptr %block, ptr %r.descr, i32 %r.rank.32, ptr %r.sizes)
  br label %result.have
result.numpy:
  call void @Py_IncRef(ptr %r.descr)
  %fresh = call ptr %new_array(ptr %array_type, ptr %r.descr, i32 %r.rank.32, ptr %r.sizes, ptr null, ptr null, i32 0,
      ptr null)
  br label %result.have
result.have:
  %array = phi ptr [ %wrapped, %result.wrap ], [ %fresh, %result.numpy ]
  %no_array = icmp eq ptr %array, null
  br i1 %no_array, label %failed, label %result.set
result.set:
  %s = call i32 @PyList_SetItem(ptr %list, i64 %r, ptr %array)
  %r.data.at = getelementptr i8, ptr %array, i64 16
  %r.data = load i64, ptr %r.data.at
  %r.word = getelementptr i64, ptr %space, i64 %rw
  store i64 %r.data, ptr %r.word
  %rw.static = add i64 %rw, 1
  br label %result.done
result.done:
  %rw.next = phi i64 [ %rw.dynamic, %result.dynamic ], [ %rw.static, %result.set ]
  %r1 = add i64 %r, 1
  br label %results.loop

run:
  %state = call ptr @PyEval_SaveThread()
  %status = call i32 %code(ptr %context, ptr %space)
  call void @PyEval_RestoreThread(ptr %state)
  %fine = icmp eq i32 %status, 0
  br i1 %fine, label %wraps.loop, label %report

wraps.loop:
  %v = phi i64 [ 0, %run ], [ %v1, %wrap.done ]
  %vw = phi i64 [ %w, %run ], [ %vw.next, %wrap.done ]
  %vd = phi i64 [ %d, %run ], [ %vd.next, %wrap.done ]
  %wraps.more = icmp slt i64 %v, %results
  br i1 %wraps.more, label %wrap.look, label %done
wrap.look:
  %v.about = getelementptr i8, ptr %description, i64 %vd
  %v.descr = load ptr, ptr %v.about
  %v.kind.at = getelementptr i8, ptr %v.about, i64 8
  %v.kind = load i64, ptr %v.kind.at
  %v.rank.at = getelementptr i8, ptr %v.about, i64 16
  %v.rank = load i64, ptr %v.rank.at
  %v.rank.32 = trunc i64 %v.rank to i32
  %v.sizes = getelementptr i8, ptr %v.about, i64 24
  %v.skip = shl i64 %v.rank, 3
  %vd.1 = add i64 %vd, 24
  %vd.next = add i64 %vd.1, %v.skip
  %v.data.at = getelementptr i64, ptr %space, i64 %vw
  %v.data = load ptr, ptr %v.data.at
  %vw.1 = add i64 %vw, 1
  %v.dynamic = icmp slt i64 %v.kind, 0
  br i1 %v.dynamic, label %shape.loop, label %wrap.done
shape.loop:
  %m = phi i64 [ 0, %wrap.look ], [ %m1, %shape.done ]
  %mw = phi i64 [ %vw.1, %wrap.look ], [ %mw.next, %shape.done ]
  %shape.more = icmp slt i64 %m, %v.rank
  br i1 %shape.more, label %shape, label %wrap
shape:
  %v.size.at = getelementptr i64, ptr %v.sizes, i64 %m
  %v.size = load i64, ptr %v.size.at
  %v.open = icmp slt i64 %v.size, 0
  br i1 %v.open, label %shape.open, label %shape.done
shape.open:
  %m.word = getelementptr i64, ptr %space, i64 %mw
  %m.size = load i64, ptr %m.word
  %mw.1 = add i64 %mw, 1
  br label %shape.done
shape.done:
  %mw.next = phi i64 [ %mw, %shape ], [ %mw.1, %shape.open ]
  %final = phi i64 [ %v.size, %shape ], [ %m.size, %shape.open ]
  %final.at = getelementptr i64, ptr %sizes, i64 %m
  store i64 %final, ptr %final.at
  %m1 = add i64 %m, 1
  br label %shape.loop
wrap:
  %v.array = call ptr @wrap(ptr %description, ptr %v.data, ptr %v.descr, i32 %v.rank.32, ptr %sizes)
  %v.none = icmp eq ptr %v.array, null
  br i1 %v.none, label %failed, label %wrap.set
wrap.set:
  %vs = call i32 @PyList_SetItem(ptr %list, i64 %v, ptr %v.array)
  br label %wrap.done
wrap.done:
  %vw.next = phi i64 [ %vw.1, %wrap.look ], [ %mw, %wrap.set ]
  %v1 = add i64 %v, 1
  br label %wraps.loop

; What is returned: a list of arrays (form 0), or the tensors that hold them: one (1), a tuple (2), a list (3).
done:
{_load("form", "i64")}
  %bare = icmp eq i64 %form, 0
  br i1 %bare, label %give, label %hold.loop
give:
  ret ptr %list
hold.loop:
  %h = phi i64 [ 0, %done ], [ %h1, %hold.set ]
  %hold.more = icmp slt i64 %h, %results
  br i1 %hold.more, label %hold, label %held.all
hold:
  %tensor = call ptr @PyType_GenericAlloc(ptr %tensor_type, i64 0)
  %no_tensor = icmp eq ptr %tensor, null
  br i1 %no_tensor, label %failed, label %hold.set
hold.set:
  %content = call ptr @PyList_GetItem(ptr %list, i64 %h)
  call void @Py_IncRef(ptr %content)
  %content.at = getelementptr i8, ptr %tensor, i64 %slot
  store ptr %content, ptr %content.at
  %hs = call i32 @PyList_SetItem(ptr %list, i64 %h, ptr %tensor)
  %h1 = add i64 %h, 1
  br label %hold.loop
held.all:
  switch i64 %form, label %give [
    i64 1, label %give.one
    i64 2, label %give.tuple
  ]
give.one:
  %first = call ptr @PyList_GetItem(ptr %list, i64 0)
  call void @Py_IncRef(ptr %first)
  call void @Py_DecRef(ptr %list)
  ret ptr %first
give.tuple:
  %tuple = call ptr @PyList_AsTuple(ptr %list)
  call void @Py_DecRef(ptr %list)
  ret ptr %tuple

; The Python function that raises: fail(status, words).
report:
  call void @Py_DecRef(ptr %list)
{_load("fail")}
  %status.64 = sext i32 %status to i64
  %number = call ptr @PyLong_FromLong(i64 %status.64)
  %bytes = shl i64 %words, 3
  %text = call ptr @PyBytes_FromStringAndSize(ptr %space, i64 %bytes)
  %pair = getelementptr i64, ptr %sizes, i64 0
  store ptr %number, ptr %pair
  %second = getelementptr i64, ptr %sizes, i64 1
  store ptr %text, ptr %second
  %raised = call ptr @PyObject_Vectorcall(ptr %fail, ptr %pair, i64 2, ptr null)
  call void @Py_DecRef(ptr %number)
  call void @Py_DecRef(ptr %text)
  ret ptr %raised

no_memory:
  %e = call ptr @PyErr_NoMemory()
  br label %failed
failed:
  call void @Py_DecRef(ptr %list)
  br label %nothing
nothing:
  ret ptr null

slowly:
{_load("slow")}
  %answer = call ptr @PyObject_Vectorcall(ptr %slow, ptr %args, i64 %count, ptr null)
  ret ptr %answer
}}
"""
