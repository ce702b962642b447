"""The runtime that generated code calls, as LLVM IR: memory and threads. No Python, no lock held by
anyone who sleeps.

Memory. A block is a header of 64 bytes and the data behind it. Header: next live block, where the
link to this block is stored (null: the block is in no frame), size of the mapping (0: the block
came from aligned_alloc). Blocks of 1 MiB and more are mappings, kept in `@slots` when freed: a
fresh 64 MiB costs 25 ms of page faults, a kept one nothing.

Threads. One loop runs at a time; whoever finds the pool busy does its loop alone (nested loops do).
`@gate` holds the number of workers inside the current loop in its low half and, above, a bit that
says the loop is open. A worker joins by adding one to an open gate; the caller takes pieces like
everyone else, closes the gate when none are left and waits for those inside. Workers who come late
find the gate closed, so nobody waits for a thread that the kernel has not woken. Workers look for
work for a while, then sleep on `@wake`. A worker leaves the gate by a locked instruction, which also makes what it has
stored past the caches seen (x86 orders such stores by these and by fences only).
"""

from __future__ import annotations

LARGE = 1 << 20
HUGE_PAGE = 2 << 20
SLOTS = 32

_MEMORY = f"""
@slots = internal global [{SLOTS} x ptr] zeroinitializer, align 64
@kept = internal global i64 0, align 64
@limit = internal global i64 1073741824, align 8
@turn = internal global i64 0, align 8

declare ptr @aligned_alloc(i64, i64)
declare void @free(ptr)
declare ptr @mmap(ptr, i64, i32, i32, i32, i64)
declare i32 @munmap(ptr, i64)
declare i32 @madvise(ptr, i64, i32)

define internal void @unmap(ptr %block, i64 %size) nounwind noinline {{
  %1 = call i32 @munmap(ptr %block, i64 %size)
  ret void
}}

; A kept mapping of at least %size bytes and not twice as much, or null.
define internal ptr @take(i64 %size) nounwind noinline {{
entry:
  %most = shl i64 %size, 1
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %again ]
  %slot = getelementptr ptr, ptr @slots, i64 %i
  %seen = load atomic ptr, ptr %slot monotonic, align 8
  %empty = icmp eq ptr %seen, null
  br i1 %empty, label %again, label %claim
claim:
  %block = atomicrmw xchg ptr %slot, ptr null acq_rel, align 8
  %gone = icmp eq ptr %block, null
  br i1 %gone, label %again, label %look
look:
  %at = getelementptr i8, ptr %block, i64 16
  %has = load i64, ptr %at
  %enough = icmp uge i64 %has, %size
  %modest = icmp ule i64 %has, %most
  %fits = and i1 %enough, %modest
  br i1 %fits, label %found, label %back
found:
  %k = atomicrmw sub ptr @kept, i64 %has monotonic, align 8
  ret ptr %block
back:
  %pair = cmpxchg ptr %slot, ptr null, ptr %block acq_rel monotonic, align 8
  %put = extractvalue {{ ptr, i1 }} %pair, 1
  br i1 %put, label %again, label %drop
drop:
  %d = atomicrmw sub ptr @kept, i64 %has monotonic, align 8
  call void @unmap(ptr %block, i64 %has)
  br label %again
again:
  %next = add i64 %i, 1
  %end = icmp eq i64 %next, {SLOTS}
  br i1 %end, label %none, label %loop
none:
  ret ptr null
}}

; Keep a mapping for later; give one back when there is no room.
define internal void @keep(ptr %block, i64 %size) nounwind noinline {{
entry:
  %before = atomicrmw add ptr @kept, i64 %size monotonic, align 8
  %after = add i64 %before, %size
  %most = load atomic i64, ptr @limit monotonic, align 8
  %over = icmp ugt i64 %after, %most
  br i1 %over, label %drop, label %loop
drop:
  %d = atomicrmw sub ptr @kept, i64 %size monotonic, align 8
  call void @unmap(ptr %block, i64 %size)
  ret void
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %again ]
  %slot = getelementptr ptr, ptr @slots, i64 %i
  %pair = cmpxchg ptr %slot, ptr null, ptr %block acq_rel monotonic, align 8
  %put = extractvalue {{ ptr, i1 }} %pair, 1
  br i1 %put, label %done, label %again
again:
  %next = add i64 %i, 1
  %end = icmp eq i64 %next, {SLOTS}
  br i1 %end, label %replace, label %loop
replace:
  %t = atomicrmw add ptr @turn, i64 1 monotonic, align 8
  %which = and i64 %t, {SLOTS - 1}
  %victim = getelementptr ptr, ptr @slots, i64 %which
  %old = atomicrmw xchg ptr %victim, ptr %block acq_rel, align 8
  %nothing = icmp eq ptr %old, null
  br i1 %nothing, label %done, label %evict
evict:
  %at = getelementptr i8, ptr %old, i64 16
  %has = load i64, ptr %at
  %e = atomicrmw sub ptr @kept, i64 %has monotonic, align 8
  call void @unmap(ptr %old, i64 %has)
  br label %done
done:
  ret void
}}

; Give back everything that is kept.
define void @tfc_rt_trim() nounwind noinline {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %again ]
  %slot = getelementptr ptr, ptr @slots, i64 %i
  %block = atomicrmw xchg ptr %slot, ptr null acq_rel, align 8
  %empty = icmp eq ptr %block, null
  br i1 %empty, label %again, label %drop
drop:
  %at = getelementptr i8, ptr %block, i64 16
  %has = load i64, ptr %at
  %d = atomicrmw sub ptr @kept, i64 %has monotonic, align 8
  call void @unmap(ptr %block, i64 %has)
  br label %again
again:
  %next = add i64 %i, 1
  %end = icmp eq i64 %next, {SLOTS}
  br i1 %end, label %done, label %loop
done:
  ret void
}}

define internal ptr @map(i64 %size) nounwind noinline {{
  ; PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
  %block = call ptr @mmap(ptr null, i64 %size, i32 3, i32 34, i32 -1, i64 0)
  %failed = icmp eq ptr %block, inttoptr (i64 -1 to ptr)
  br i1 %failed, label %none, label %fine
fine:
  %big = icmp uge i64 %size, {HUGE_PAGE}
  br i1 %big, label %advise, label %mark
advise:
  %a = call i32 @madvise(ptr %block, i64 %size, i32 14)
  br label %mark
mark:
  %at = getelementptr i8, ptr %block, i64 16
  store i64 %size, ptr %at
  ret ptr %block
none:
  ret ptr null
}}

define internal ptr @large(i64 %bytes) nounwind noinline {{
  %huge = icmp uge i64 %bytes, {HUGE_PAGE}
  %unit = select i1 %huge, i64 {HUGE_PAGE - 1}, i64 65535
  %sum = add i64 %bytes, %unit
  %mask = xor i64 %unit, -1
  %size = and i64 %sum, %mask
  %old = call ptr @take(i64 %size)
  %miss = icmp eq ptr %old, null
  br i1 %miss, label %fresh, label %hit
hit:
  ret ptr %old
fresh:
  %new = call ptr @map(i64 %size)
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %retry, label %fine
fine:
  ret ptr %new
retry:
  call void @tfc_rt_trim()
  %last = call ptr @map(i64 %size)
  ret ptr %last
}}

define internal ptr @small(i64 %bytes) nounwind noinline {{
  %sum = add i64 %bytes, 63
  %size = and i64 %sum, -64
  %block = call ptr @aligned_alloc(i64 64, i64 %size)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %none, label %fine
fine:
  %at = getelementptr i8, ptr %block, i64 16
  store i64 0, ptr %at
  ret ptr %block
none:
  ret ptr null
}}

; Memory for %size bytes, owned by the frame (null: by whoever asked). Null when there is none.
define ptr @tfc_rt_alloc(ptr %frame, i64 %size) nounwind {{
  %huge = icmp ugt i64 %size, {1 << 47}
  br i1 %huge, label %none, label %ask
ask:
  %bytes = add i64 %size, 64
  %big = icmp uge i64 %bytes, {LARGE}
  br i1 %big, label %map, label %heap
map:
  %m = call ptr @large(i64 %bytes)
  br label %have
heap:
  %h = call ptr @small(i64 %bytes)
  br label %have
have:
  %block = phi ptr [ %m, %map ], [ %h, %heap ]
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %none, label %fine
fine:
  %data = getelementptr i8, ptr %block, i64 64
  %back = getelementptr i8, ptr %block, i64 8
  store ptr null, ptr %back
  %loose = icmp eq ptr %frame, null
  br i1 %loose, label %done, label %link
link:
  call void @tfc_rt_adopt(ptr %frame, ptr %data)
  br label %done
done:
  ret ptr %data
none:
  ret ptr null
}}

define void @tfc_rt_adopt(ptr %frame, ptr %data) nounwind {{
  %block = getelementptr i8, ptr %data, i64 -64
  %slot = getelementptr i8, ptr %frame, i64 64
  %head = load ptr, ptr %slot
  store ptr %head, ptr %block
  %back = getelementptr i8, ptr %block, i64 8
  store ptr %slot, ptr %back
  store ptr %block, ptr %slot
  %first = icmp eq ptr %head, null
  br i1 %first, label %done, label %more
more:
  %there = getelementptr i8, ptr %head, i64 8
  store ptr %block, ptr %there
  br label %done
done:
  ret void
}}

; Take a block out of its frame.
define void @tfc_rt_disown(ptr %data) nounwind {{
  %block = getelementptr i8, ptr %data, i64 -64
  %back = getelementptr i8, ptr %block, i64 8
  %slot = load ptr, ptr %back
  %loose = icmp eq ptr %slot, null
  br i1 %loose, label %done, label %unlink
unlink:
  %next = load ptr, ptr %block
  store ptr %next, ptr %slot
  store ptr null, ptr %back
  %last = icmp eq ptr %next, null
  br i1 %last, label %done, label %more
more:
  %there = getelementptr i8, ptr %next, i64 8
  store ptr %slot, ptr %there
  br label %done
done:
  ret void
}}

define void @tfc_rt_free(ptr %data) nounwind {{
  call void @tfc_rt_disown(ptr %data)
  %block = getelementptr i8, ptr %data, i64 -64
  %at = getelementptr i8, ptr %block, i64 16
  %size = load i64, ptr %at
  %heap = icmp eq i64 %size, 0
  br i1 %heap, label %small, label %large
small:
  call void @free(ptr %block)
  ret void
large:
  call void @keep(ptr %block, i64 %size)
  ret void
}}

define void @tfc_rt_free_all(ptr %frame) nounwind {{
entry:
  %slot = getelementptr i8, ptr %frame, i64 64
  br label %loop
loop:
  %block = load ptr, ptr %slot
  %done = icmp eq ptr %block, null
  br i1 %done, label %end, label %more
more:
  %data = getelementptr i8, ptr %block, i64 64
  call void @tfc_rt_free(ptr %data)
  br label %loop
end:
  ret void
}}

define void @tfc_rt_set_limit(i64 %bytes) nounwind {{
  store atomic i64 %bytes, ptr @limit monotonic, align 8
  ret void
}}

define i64 @tfc_rt_kept() nounwind {{
  %bytes = load atomic i64, ptr @kept monotonic, align 8
  ret i64 %bytes
}}
"""

_OPEN = 1 << 32

_THREADS = f"""
@busy = internal global i32 0, align 64
@gate = internal global i64 0, align 64
@round = internal global i64 0, align 64
@parked = internal global i32 0, align 64
@next = internal global i64 0, align 64
@threads = internal global i64 1, align 64
@spawned = internal global i64 1, align 8
@spin = internal global i64 4000, align 8
@job_body = internal global ptr null, align 8
@job_data = internal global ptr null, align 8
@job_count = internal global i64 0, align 8
@job_piece = internal global i64 0, align 8
@wake = internal global [64 x i8] zeroinitializer, align 64

declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_detach(i64)
declare i32 @pthread_sigmask(i32, ptr, ptr)
declare i32 @sem_init(ptr, i32, i32)
declare i32 @sem_wait(ptr)
declare i32 @sem_post(ptr)
declare i32 @sched_yield()

; Take pieces of the current loop until there are none.
define internal void @work() nounwind noinline {{
entry:
  %body = load ptr, ptr @job_body
  %data = load ptr, ptr @job_data
  %count = load i64, ptr @job_count
  %piece = load i64, ptr @job_piece
  br label %loop
loop:
  %lo = atomicrmw add ptr @next, i64 %piece monotonic, align 8
  %more = icmp slt i64 %lo, %count
  br i1 %more, label %run, label %done
run:
  %sum = add i64 %lo, %piece
  %hi = call i64 @llvm.smin.i64(i64 %sum, i64 %count)
  call void %body(ptr %data, i64 %lo, i64 %hi)
  br label %loop
done:
  ret void
}}

; Join the current loop if it is open and wants another thread.
define internal void @join() nounwind noinline {{
entry:
  br label %try
try:
  %gate = load atomic i64, ptr @gate seq_cst, align 8
  %open = icmp uge i64 %gate, {_OPEN}
  br i1 %open, label %room, label %done
room:
  %inside = and i64 %gate, 65535
  %threads = load atomic i64, ptr @threads monotonic, align 8
  %most = sub i64 %threads, 1
  %fits = icmp slt i64 %inside, %most
  br i1 %fits, label %enter, label %done
enter:
  %up = add i64 %gate, 1
  %pair = cmpxchg ptr @gate, i64 %gate, i64 %up seq_cst seq_cst, align 8
  %in = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %in, label %inside_loop, label %try
inside_loop:
  call void @work()
  %left = atomicrmw sub ptr @gate, i64 1 seq_cst, align 8
  ret void
done:
  ret void
}}

define internal ptr @worker(ptr %start) nounwind {{
entry:
  %first = ptrtoint ptr %start to i64
  br label %fresh
fresh:
  %seen = phi i64 [ %first, %entry ], [ %now, %turn ]
  %patience = load atomic i64, ptr @spin monotonic, align 8
  br label %look
look:
  %left = phi i64 [ %patience, %fresh ], [ %fewer, %idle ], [ 0, %park ], [ 0, %woken ]
  %now = load atomic i64, ptr @round seq_cst, align 8
  %new = icmp ne i64 %now, %seen
  br i1 %new, label %turn, label %wait
turn:
  call void @join()
  br label %fresh
wait:
  %tired = icmp sle i64 %left, 0
  br i1 %tired, label %park, label %idle
idle:
  PAUSE
  %fewer = sub i64 %left, 1
  br label %look
park:
  %p = atomicrmw add ptr @parked, i32 1 seq_cst, align 4
  %again = load atomic i64, ptr @round seq_cst, align 8
  %changed = icmp ne i64 %again, %seen
  br i1 %changed, label %look, label %sleep
sleep:
  %s = call i32 @sem_wait(ptr @wake)
  br label %woken
woken:
  br label %look
}}

; Start what is missing of the threads that were asked for. Only called by the owner of @busy.
define internal void @spawn(i64 %wanted) nounwind noinline {{
entry:
  %thread = alloca i64
  %all = alloca [16 x i64]
  %saved = alloca [16 x i64]
  %have = load i64, ptr @spawned
  %enough = icmp sge i64 %have, %wanted
  br i1 %enough, label %done, label %begin
begin:
  call void @llvm.memset.p0.i64(ptr %all, i8 -1, i64 128, i1 false)
  %none_yet = icmp eq i64 %have, 1
  br i1 %none_yet, label %init, label %mask
init:
  %i = call i32 @sem_init(ptr @wake, i32 0, i32 0)
  br label %mask
mask:
  ; Signals are for the threads of the program: SIG_SETMASK with every bit while the worker is made.
  %m = call i32 @pthread_sigmask(i32 2, ptr %all, ptr %saved)
  br label %loop
loop:
  %n = phi i64 [ %have, %mask ], [ %more, %made ]
  %round = load i64, ptr @round
  %start = inttoptr i64 %round to ptr
  %bad = call i32 @pthread_create(ptr %thread, ptr null, ptr @worker, ptr %start)
  %failed = icmp ne i32 %bad, 0
  br i1 %failed, label %restore, label %made
made:
  %id = load i64, ptr %thread
  %d = call i32 @pthread_detach(i64 %id)
  %more = add i64 %n, 1
  store i64 %more, ptr @spawned
  %end = icmp sge i64 %more, %wanted
  br i1 %end, label %restore, label %loop
restore:
  %r = call i32 @pthread_sigmask(i32 2, ptr %saved, ptr null)
  br label %done
done:
  ret void
}}

define void @tfc_rt_parallel_for(ptr %body, ptr %data, i64 %count, i64 %grain) nounwind {{
entry:
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %decide, label %done
decide:
  %threads = load atomic i64, ptr @threads monotonic, align 8
  %unit = call i64 @llvm.smax.i64(i64 %grain, i64 1)
  %twice = icmp sgt i64 %count, %unit
  %several = icmp sgt i64 %threads, 1
  %worth = and i1 %twice, %several
  br i1 %worth, label %claim, label %alone
claim:
  %pair = cmpxchg ptr @busy, i32 0, i32 1 seq_cst seq_cst, align 4
  %mine = extractvalue {{ i32, i1 }} %pair, 1
  br i1 %mine, label %share, label %alone
alone:
  call void %body(ptr %data, i64 0, i64 %count)
  ret void
share:
  call void @spawn(i64 %threads)
  ; Four pieces a thread, none below the grain.
  %parts = shl i64 %threads, 2
  %up = add i64 %count, %parts
  %up1 = sub i64 %up, 1
  %even = sdiv i64 %up1, %parts
  %piece = call i64 @llvm.smax.i64(i64 %even, i64 %unit)
  store ptr %body, ptr @job_body
  store ptr %data, ptr @job_data
  store i64 %count, ptr @job_count
  store i64 %piece, ptr @job_piece
  store atomic i64 0, ptr @next monotonic, align 8
  store atomic i64 {_OPEN}, ptr @gate seq_cst, align 8
  %r = atomicrmw add ptr @round, i64 1 seq_cst, align 8
  %asleep = atomicrmw xchg ptr @parked, i32 0 seq_cst, align 4
  br label %post
post:
  %n = phi i32 [ %asleep, %share ], [ %n1, %one ]
  %any = icmp sgt i32 %n, 0
  br i1 %any, label %one, label %go
one:
  %s = call i32 @sem_post(ptr @wake)
  %n1 = sub i32 %n, 1
  br label %post
go:
  call void @work()
  %c = atomicrmw sub ptr @gate, i64 {_OPEN} seq_cst, align 8
  br label %wait
wait:
  %turns = phi i64 [ 0, %go ], [ %turns1, %idle ], [ 0, %yield ]
  %inside = load atomic i64, ptr @gate seq_cst, align 8
  %empty = icmp eq i64 %inside, 0
  br i1 %empty, label %leave, label %patient
patient:
  %turns1 = add i64 %turns, 1
  %long = icmp ugt i64 %turns1, 2000
  br i1 %long, label %yield, label %idle
yield:
  ; On a crowded machine the worker may be waiting for this very core.
  %y = call i32 @sched_yield()
  br label %wait
idle:
  PAUSE
  br label %wait
leave:
  store atomic i32 0, ptr @busy seq_cst, align 4
  br label %done
done:
  ret void
}}

define void @tfc_rt_set_threads(i64 %threads) nounwind {{
  %n = call i64 @llvm.smax.i64(i64 %threads, i64 1)
  store atomic i64 %n, ptr @threads seq_cst, align 8
  ret void
}}

; In the child of a fork there are no workers.
define void @tfc_rt_forked() nounwind {{
  store i64 1, ptr @spawned
  store i64 0, ptr @gate
  store i32 0, ptr @busy
  store i32 0, ptr @parked
  ret void
}}
"""

_X86_PAUSE = "call void @llvm.x86.sse2.pause()"
_ARM_PAUSE = "call void @llvm.aarch64.hint(i32 1)"
_PAUSE = {"x86_64": _X86_PAUSE, "amd64": _X86_PAUSE, "aarch64": _ARM_PAUSE, "arm64": _ARM_PAUSE}


def runtime_text(machine: str) -> str:
    """The runtime's LLVM IR for a machine as `platform.machine()` names it.

    Example:
        "tfc_rt_alloc" in runtime_text("x86_64")  # True
    """
    return _MEMORY + _THREADS.replace("PAUSE", _PAUSE.get(machine.lower(), ""))
