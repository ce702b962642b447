// RUN: %tfc-opt %s -p "nontemporal-stores{l3-bytes=2097152}" --split-input-file | filecheck %s

// Whole vectors of a large result, at aligned places: rows of 512 numbers keep their columns aligned.

// CHECK-LABEL: @main
// CHECK: vector.store %x, %b[%i, %j] {alignment = 32 : i64, nontemporal = true}
func.func @main(%a: memref<512x512xf32>, %b: memref<512x512xf32> {tfc.result = 0 : i64}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  "scf.parallel"(%c0, %c512, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    scf.for %j = %c0 to %c512 step %c16 {
      %x = vector.load %a[%i, %j] : memref<512x512xf32>, vector<16xf32>
      vector.store %x, %b[%i, %j] : memref<512x512xf32>, vector<16xf32>
    }
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// Rows of 513 numbers begin anywhere.

// CHECK-LABEL: @main
// CHECK-NOT: nontemporal
func.func @main(%a: memref<512x513xf32>, %b: memref<512x513xf32> {tfc.result = 0 : i64}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  "scf.parallel"(%c0, %c512, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    scf.for %j = %c0 to %c512 step %c16 {
      %x = vector.load %a[%i, %j] : memref<512x513xf32>, vector<16xf32>
      vector.store %x, %b[%i, %j] : memref<512x513xf32>, vector<16xf32>
    }
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// What the loop reads again, what the cache would hold for another loop, and memory of the caller stay in the caches.

// CHECK-LABEL: @main
// CHECK-NOT: nontemporal
func.func @main(
  %a: memref<262144xf32>, %b: memref<262144xf32> {tfc.result = 0 : i64}, %c: memref<262144xf32> {tfc.result = 1 : i64}, %d: memref<262144xf32>
) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  "scf.parallel"(%c0, %c512, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%p: index):
    %i = arith.muli %p, %c16 : index
    %x = vector.load %a[%i] : memref<262144xf32>, vector<16xf32>
    vector.store %x, %b[%i] : memref<262144xf32>, vector<16xf32>
    %y = vector.load %b[%i] : memref<262144xf32>, vector<16xf32>
    vector.store %y, %c[%i] : memref<262144xf32>, vector<16xf32>
    vector.store %y, %d[%i] : memref<262144xf32>, vector<16xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  %first = memref.load %c[%c0] : memref<262144xf32>
  memref.store %first, %d[%c0] : memref<262144xf32>
  return
}
