// RUN: %tfc-opt %s -p plan-buffers{stack=256} --split-input-file | filecheck %s

// Buffers that do not live at the same time share their place; the third does not fit beside the second.

// CHECK-LABEL: @shared
// CHECK: %[[A:.*]] = memref.alloc() {{.*}} : memref<6080xi8>
// CHECK: memref.view %[[A]][%c0][] : memref<6080xi8> to memref<1000xf32>
// CHECK: memref.view %[[A]][%c0][] : memref<6080xi8> to memref<500xf32>
// CHECK: memref.view %[[A]][%c2048][] : memref<6080xi8> to memref<1000xf32>
// CHECK-NOT: memref.alloc
// CHECK: memref.dealloc %[[A]]
// CHECK-NEXT: return
func.func @shared(%x: f32, %i: index) -> f32 {
  %a = memref.alloc() : memref<1000xf32>
  memref.store %x, %a[%i] : memref<1000xf32>
  memref.dealloc %a : memref<1000xf32>
  %b = memref.alloc() : memref<500xf32>
  memref.store %x, %b[%i] : memref<500xf32>
  %c = memref.alloc() : memref<1000xf32>
  memref.store %x, %c[%i] : memref<1000xf32>
  %y = memref.load %b[%i] : memref<500xf32>
  memref.dealloc %b : memref<500xf32>
  memref.dealloc %c : memref<1000xf32>
  return %y : f32
}

// -----

// Little goes on the stack, out of loops.

// CHECK-LABEL: @small
// CHECK: memref.alloca() {{.*}} : memref<64xi8>
// CHECK-NEXT: arith.constant 0
// CHECK-NEXT: memref.view
// CHECK: scf.for
// CHECK-NOT: alloc
// CHECK: return
func.func @small(%x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloc() : memref<4xf32>
    memref.store %x, %a[%c0] : memref<4xf32>
    memref.dealloc %a : memref<4xf32>
  }
  return
}

// -----

// A size that the loop does not change is allocated before it; what a loop hands on is left alone.

// CHECK-LABEL: @dynamic
// CHECK: memref.dim %m
// CHECK: %[[A:.*]] = memref.alloc(
// CHECK: scf.for
// CHECK-NEXT: memref.store %x, %[[A]]
// CHECK: memref.alloc(%i)
// CHECK: memref.dealloc
// CHECK: memref.dealloc %[[A]]
func.func @dynamic(%x: f32, %n: index, %m: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %d = memref.dim %m, %c0 : memref<?xf32>
    %a = memref.alloc(%d) : memref<?xf32>
    memref.store %x, %a[%c0] : memref<?xf32>
    %b = memref.alloc(%i) : memref<?xf32>
    memref.store %x, %b[%c0] : memref<?xf32>
    memref.dealloc %b : memref<?xf32>
    memref.dealloc %a : memref<?xf32>
  }
  return
}

// -----

// What a function needs is memory of its callers, which have other uses for it between the calls.

// CHECK-LABEL: @caller
// CHECK: %[[A:.*]] = memref.alloc() {{.*}} : memref<4096xi8>
// CHECK: %[[FIRST:.*]] = memref.view %[[A]][%c0][] : memref<4096xi8> to memref<4032xi8>
// CHECK-NEXT: %[[OWN:.*]] = memref.view %[[A]][%c0][] : memref<4096xi8> to memref<1024xf32>
// CHECK-NEXT: %[[SECOND:.*]] = memref.view %[[A]][%c0][] : memref<4096xi8> to memref<4032xi8>
// CHECK-NEXT: func.call @callee(%x, %i, %[[FIRST]])
// CHECK-NEXT: memref.store %x, %[[OWN]]
// CHECK-NEXT: func.call @callee(%x, %i, %[[SECOND]])
// CHECK-NEXT: memref.dealloc %[[A]]
// CHECK: func.func private @callee(%x: f32, %i: index, %[[GIVEN:.*]]: memref<4032xi8> {llvm.noalias})
// CHECK-NOT: alloc
// CHECK: memref.view %[[GIVEN]]
func.func @caller(%x: f32, %i: index) {
  func.call @callee(%x, %i) : (f32, index) -> ()
  %a = memref.alloc() : memref<1024xf32>
  memref.store %x, %a[%i] : memref<1024xf32>
  memref.dealloc %a : memref<1024xf32>
  func.call @callee(%x, %i) : (f32, index) -> ()
  return
}
func.func private @callee(%x: f32, %i: index) {
  %a = memref.alloc() : memref<1000xf32>
  memref.store %x, %a[%i] : memref<1000xf32>
  memref.dealloc %a : memref<1000xf32>
  return
}

// -----

// Each iteration of a parallel loop has a thread's own memory, and whoever else calls a public function knows nothing of it.

// CHECK-LABEL: @loop
// CHECK-NOT: alloc
// CHECK-LABEL: func.func private @on_a_thread
// CHECK: memref.alloc
// CHECK-LABEL: func.func @public
// CHECK: memref.alloc
func.func @loop(%x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    func.call @on_a_thread(%x, %i) : (f32, index) -> ()
    scf.reduce
  }) : (index, index, index) -> ()
  func.call @public(%x, %c0) : (f32, index) -> ()
  return
}
func.func private @on_a_thread(%x: f32, %i: index) {
  %a = memref.alloc() : memref<1000xf32>
  memref.store %x, %a[%i] : memref<1000xf32>
  memref.dealloc %a : memref<1000xf32>
  return
}
func.func @public(%x: f32, %i: index) {
  %a = memref.alloc() : memref<1000xf32>
  memref.store %x, %a[%i] : memref<1000xf32>
  memref.dealloc %a : memref<1000xf32>
  return
}
