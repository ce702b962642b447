// RUN: %tfc-opt %s -p scf-parallel-loop-fusion --split-input-file | filecheck %s

// The border of a row and its inside, in a buffer that the loop around rotates.

// CHECK-LABEL: @main
// CHECK: scf.for
// CHECK: scf.parallel
// CHECK: memref.store %zero
// CHECK-NEXT: scf.for
// CHECK: memref.load
// CHECK-NOT: scf.parallel
func.func @main(%x: memref<8x64xf32>, %y: memref<8x64xf32>, %zero: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %c63 = arith.constant 63 : index
  %r:2 = scf.for %k = %c0 to %c6 step %c1 iter_args(%a = %x, %b = %y) -> (memref<8x64xf32>, memref<8x64xf32>) {
    %border = memref.subview %b[1, 63] [6, 1] [1, 1] : memref<8x64xf32> to memref<6x1xf32, strided<[64, 1], offset: 127>>
    "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
    ^bb0(%i: index):
      memref.store %zero, %border[%i, %c0] : memref<6x1xf32, strided<[64, 1], offset: 127>>
      scf.reduce
    }) : (index, index, index) -> ()
    %inside = memref.subview %b[1, 0] [6, 63] [1, 1] : memref<8x64xf32> to memref<6x63xf32, strided<[64, 1], offset: 64>>
    "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
    ^bb0(%i: index):
      scf.for %j = %c0 to %c63 step %c1 {
        %v = memref.load %a[%i, %j] : memref<8x64xf32>
        memref.store %v, %inside[%i, %j] : memref<6x63xf32, strided<[64, 1], offset: 64>>
      }
      scf.reduce
    }) : (index, index, index) -> ()
    scf.yield %b, %a : memref<8x64xf32>, memref<8x64xf32>
  }
  return
}

// -----

// Not where rows of the second are other ones than those of the first, where it reads across rows what the first has written, or
// where buffers may be the same memory.

// CHECK-LABEL: @main
// CHECK-COUNT-4: scf.parallel
// CHECK-LABEL: @other
// CHECK-COUNT-2: scf.parallel
func.func @main(%x: memref<8x8xf32>, %y: memref<8x8xf32>, %zero: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %zero, %y[%i, %c0] : memref<8x8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  %below = memref.subview %y[1, 0] [6, 8] [1, 1] : memref<8x8xf32> to memref<6x8xf32, strided<[8, 1], offset: 8>>
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %zero, %below[%i, %c0] : memref<6x8xf32, strided<[8, 1], offset: 8>>
    scf.reduce
  }) : (index, index, index) -> ()
  memref.store %zero, %x[%c0, %c0] : memref<8x8xf32>
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %zero, %y[%i, %c0] : memref<8x8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %v = memref.load %y[%c6, %i] : memref<8x8xf32>
    memref.store %v, %y[%i, %c1] : memref<8x8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
func.func private @other(%x: memref<8x8xf32>, %y: memref<8x8xf32>, %zero: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %zero, %y[%i, %c0] : memref<8x8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %c6, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %v = memref.load %x[%c6, %i] : memref<8x8xf32>
    memref.store %v, %y[%i, %c1] : memref<8x8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
