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
