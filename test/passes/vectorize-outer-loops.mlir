// RUN: %tfc-opt %s -p 'vectorize-outer-loops' --split-input-file | filecheck %s
// RUN: %tfc-opt %s -p 'vectorize-outer-loops{long=2}' --split-input-file | filecheck %s --check-prefix LONG

// Vectors of 32 elements, four registers: what is the same for all elements is one number, the last elements are masked.

// CHECK-LABEL: @power
// CHECK: %[[BLOCKS:.*]] = arith.divui
// CHECK: "scf.parallel"(%{{.*}}, %[[BLOCKS]], %{{.*}})
// CHECK: %[[I:.*]] = arith.muli %{{.*}}, %c32 : index
// CHECK: scf.if
// CHECK: %[[X:.*]] = vector.load %a[%[[I]]] : memref<?xf32>, vector<32xf32>
// CHECK: %[[Y:.*]] = scf.for %{{.*}} iter_args(%[[T:.*]] = %[[X]]) -> (vector<32xf32>)
// CHECK: %[[S:.*]] = memref.load %s[]
// CHECK: vector.broadcast %[[S]] : f32 to vector<32xf32>
// CHECK: arith.mulf %{{.*}} : vector<32xf32>
// CHECK: vector.store %[[Y]], %b[%[[I]]]
// CHECK: } else {
// CHECK: %[[MASK:.*]] = vector.create_mask
// CHECK: vector.maskedload %a[%[[I]]], %[[MASK]]
// CHECK: vector.maskedstore %b[%[[I]]], %[[MASK]]
func.func @power(%a: memref<?xf32>, %s: memref<f32>, %b: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %x = memref.load %a[%i] : memref<?xf32>
    %y = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x) -> (f32) {
      %f = memref.load %s[] : memref<f32>
      %u = arith.mulf %t, %f : f32
      scf.yield %u : f32
    }
    memref.store %y, %b[%i] : memref<?xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// Elements that are not neighbours in memory, and division of integers, stay scalar.

// CHECK-LABEL: @strided
// CHECK-NOT: vector
func.func @strided(%a: memref<64x4xf32>, %d: memref<64xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  "scf.parallel"(%c0, %c64, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    scf.for %k = %c0 to %c4 step %c1 {
      %x = memref.load %a[%i, %k] : memref<64x4xf32>
      %u = arith.mulf %x, %x : f32
      memref.store %u, %a[%i, %k] : memref<64x4xf32>
    }
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %c64, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %x = memref.load %d[%i] : memref<64xi32>
    %y = scf.for %k = %c0 to %c4 step %c1 iter_args(%t = %x) -> (i32) {
      %u = arith.divsi %t, %x : i32
      scf.yield %u : i32
    }
    memref.store %y, %d[%i] : memref<64xi32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// A loop without loops inside: constants are vectors, once. No tail where the size is known to fit.

// CHECK-LABEL: @straight
// CHECK: scf.parallel
// CHECK: %[[I:.*]] = arith.muli %{{.*}}, %c32 : index
// CHECK: %[[X:.*]] = vector.load %a[%[[I]]] : memref<64xf32>, vector<32xf32>
// CHECK: %[[TWO:.*]] = arith.constant dense<2.000000e+00> : vector<32xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.mulf %[[X]], %[[TWO]] : vector<32xf32>
// CHECK-NEXT: %[[Z:.*]] = arith.addf %[[Y]], %[[TWO]] : vector<32xf32>
// CHECK-NEXT: vector.store %[[Z]], %a[%[[I]]]
// CHECK-NOT: masked
func.func @straight(%a: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  "scf.parallel"(%c0, %c64, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %x = memref.load %a[%i] : memref<64xf32>
    %two = arith.constant 2.0 : f32
    %y = arith.mulf %x, %two : f32
    %z = arith.addf %y, %two : f32
    memref.store %z, %a[%i] : memref<64xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// Rows of which a large part would be an incomplete vector are LLVM's, unless their body is long.

// CHECK-LABEL: @short_rows
// CHECK-NOT: vector

// LONG-LABEL: @short_rows
// LONG: vector.maskedstore
func.func @short_rows(%a: memref<64x10xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c10 = arith.constant 10 : index
  "scf.parallel"(%c0, %c0, %c64, %c10, %c1, %c1) <{operandSegmentSizes = array<i32: 2, 2, 2, 0>}> ({
  ^bb0(%i: index, %j: index):
    %x = memref.load %a[%i, %j] : memref<64x10xf32>
    %y = arith.mulf %x, %x : f32
    memref.store %y, %a[%i, %j] : memref<64x10xf32>
    scf.reduce
  }) : (index, index, index, index, index, index) -> ()
  return
}

// -----

// Fewer elements than a vector has lanes share one, as long as a loop runs over them together.

// CHECK-LABEL: @three
// CHECK: vector.create_mask %{{.*}} : vector<4xi1>
// CHECK: scf.for {{.*}} -> (vector<4xf32>)
func.func @three(%a: memref<3xf32>, %s: memref<f32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  "scf.parallel"(%c0, %c3, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %x = memref.load %a[%i] : memref<3xf32>
    %y = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x) -> (f32) {
      %f = memref.load %s[] : memref<f32>
      %u = arith.mulf %t, %f : f32
      scf.yield %u : f32
    }
    memref.store %y, %a[%i] : memref<3xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// Elements from anywhere are read at once, the lanes that an incomplete vector lacks not at all; small ones stay one by one.

// CHECK-LABEL: @table
// CHECK: vector.load %i
// CHECK: arith.index_cast %{{.*}} : vector<[[N:[0-9]+]]xi32> to vector<[[N]]xindex>
// CHECK: "vector.gather"(%t, %{{.*}}) : (memref<100xf32>, index, vector<[[N]]xindex>, vector<[[N]]xi1>, vector<[[N]]xf32>)
// CHECK: vector.create_mask
// CHECK: "vector.gather"(%t
// CHECK-NOT: vector.gather
// CHECK: return
func.func @table(%t: memref<100xf32>, %i: memref<1001xi32>, %b: memref<100xi8>, %y: memref<1001xf32>, %z: memref<1001xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 1001 : index
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%k: index):
    %j = memref.load %i[%k] : memref<1001xi32>
    %p = arith.index_cast %j : i32 to index
    %v = memref.load %t[%p] : memref<100xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%k] : memref<1001xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  "scf.parallel"(%c0, %n, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%k: index):
    %j = memref.load %i[%k] : memref<1001xi32>
    %p = arith.index_cast %j : i32 to index
    %v = memref.load %b[%p] : memref<100xi8>
    memref.store %v, %z[%k] : memref<1001xi8>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
