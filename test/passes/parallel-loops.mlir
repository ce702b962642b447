// RUN: %tfc-opt %s -p parallel-loops --split-input-file | filecheck %s

// CHECK-LABEL: func.func @main(
// CHECK: func.call @main_parallel_0(%c0, %n, %f, %x) {tfc.parallel_grain = {{[0-9]+}} : i64} : (index, index, f32, memref<?xf32>) -> ()
// CHECK-LABEL: func.func private @main_parallel_0
// CHECK-SAME: (%[[LO:.*]]: index, %[[HI:.*]]: index, %f: f32, %x: memref<?xf32> {llvm.noalias})
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: scf.for %[[I:.*]] = %[[LO]] to %[[HI]] step %[[ONE]]
// CHECK: memref.store {{.*}}, %x[%[[I]]]
func.func @main(%x: memref<?xf32>, %n: index, %f: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %f, %x[%i] : memref<?xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// The other dimensions stay a parallel loop inside.

// CHECK-LABEL: func.func @rows(
// CHECK: func.call @rows_parallel_0
// CHECK: scf.for
// CHECK-NEXT: scf.parallel
func.func @rows(%x: memref<1024x1024xf32>, %f: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c1024 = arith.constant 1024 : index
  "scf.parallel"(%c0, %c0, %c1024, %c1024, %c1, %c1) <{operandSegmentSizes = array<i32: 2, 2, 2, 0>}> ({
  ^bb0(%i: index, %j: index):
    memref.store %f, %x[%i, %j] : memref<1024x1024xf32>
    scf.reduce
  }) : (index, index, index, index, index, index) -> ()
  return
}

// -----

// Little work is not worth a call, and what may fail stays where its status is looked at. Pieces of a loop in longer steps could
// begin between two of them.

// CHECK-LABEL: func.func @stays(
// CHECK-NOT: func.call
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: return
func.func @stays(%x: memref<?xf32>, %n: index, %f: f32, %ok: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  "scf.parallel"(%c0, %c8, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %f, %x[%i] : memref<?xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    cf.assert %ok, "no"
    memref.store %f, %x[%i] : memref<?xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %n, %c8) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    memref.store %f, %x[%i] : memref<?xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// A function that the iterations call has its temporaries on the stack, those that it calls too.

// CHECK-LABEL: func.func @calls(
// CHECK: func.call @calls_parallel_0
// CHECK-LABEL: func.func private @work(
// CHECK: memref.alloca() {{.*}} : memref<32768xi8>
// CHECK: func.call @fill
func.func @calls(%x: memref<64x8192xf32>, %f: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  "scf.parallel"(%c0, %c64, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    func.call @work(%x, %f, %i) : (memref<64x8192xf32>, f32, index) -> ()
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
func.func private @work(%x: memref<64x8192xf32>, %f: f32, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8192 = arith.constant 8192 : index
  %t = memref.alloc() : memref<8192xf32>
  func.call @fill(%t, %f) : (memref<8192xf32>, f32) -> ()
  scf.for %j = %c0 to %c8192 step %c1 {
    %v = memref.load %t[%j] : memref<8192xf32>
    memref.store %v, %x[%i, %j] : memref<64x8192xf32>
  }
  memref.dealloc %t : memref<8192xf32>
  return
}
func.func private @fill(%t: memref<8192xf32>, %f: f32) {
  %c0 = arith.constant 0 : index
  memref.store %f, %t[%c0] : memref<8192xf32>
  return
}

// -----

// A loop over a block of a longer one is as long as the block.

// CHECK-LABEL: func.func @blocks(
// CHECK: func.call @blocks_parallel_0(%c0, %c8, {{.*}}) {tfc.parallel_grain = 1 : i64}
func.func @blocks(%x: memref<8x65536xf32>, %f: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c32768 = arith.constant 32768 : index
  %c65536 = arith.constant 65536 : index
  "scf.parallel"(%c0, %c8, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    scf.for %j = %c0 to %c65536 step %c32768 {
      %sum = arith.addi %j, %c32768 : index
      %end = arith.minui %sum, %c65536 : index
      scf.for %k = %j to %end step %c1 {
        memref.store %f, %x[%i, %k] : memref<8x65536xf32>
      }
    }
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
