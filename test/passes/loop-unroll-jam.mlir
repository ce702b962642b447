// RUN: %tfc-opt %s -p "loop-unroll-jam{l3-bytes=32768}" --split-input-file | filecheck %s

// What is updated stays in registers for eight iterations; the last two of 18 run as before.

// CHECK-LABEL: @main
// CHECK: scf.for %{{.*}} = %c0 to %c16_{{[0-9]+}} step %c8
// CHECK: scf.for
// CHECK-COUNT-1: vector.load %b[%{{[0-9]+}}]
// CHECK-NOT: vector.load %b[%{{[0-9]+}}]
// CHECK: vector.store
// CHECK-NOT: vector.store
// CHECK: }
// CHECK: scf.for %{{.*}} = %c16_{{[0-9]+}} to %c18 step %c1
// CHECK: vector.store
func.func @main(%a: memref<18x512xf32>, %b: memref<512xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c18 = arith.constant 18 : index
  %c512 = arith.constant 512 : index
  scf.for %i = %c0 to %c18 step %c1 {
    scf.for %j = %c0 to %c512 step %c16 {
      %s = vector.load %b[%j] : memref<512xf32>, vector<16xf32>
      %x = vector.load %a[%i, %j] : memref<18x512xf32>, vector<16xf32>
      %t = arith.addf %s, %x : vector<16xf32>
      vector.store %t, %b[%j] : memref<512xf32>, vector<16xf32>
    }
  }
  return
}

// -----

// Not where an iteration reads a place that another one of the loop inside has updated.

// CHECK-LABEL: @main
// CHECK: scf.for %i = %c0 to %c16 step %c1
func.func @main(%b: memref<513xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  scf.for %i = %c0 to %c16 step %c1 {
    scf.for %j = %c0 to %c512 step %c1 {
      %k = arith.addi %j, %c1 : index
      %s = memref.load %b[%j] : memref<513xf32>
      %x = memref.load %b[%k] : memref<513xf32>
      %t = arith.addf %s, %x : f32
      memref.store %t, %b[%j] : memref<513xf32>
    }
  }
  return
}

// -----

// Nor where the places may be the same memory as what is read.

// CHECK-LABEL: @other
// CHECK: scf.for %i = %c0 to %c16 step %c1
func.func private @other(%a: memref<16x512xf32>, %b: memref<512xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  scf.for %i = %c0 to %c16 step %c1 {
    scf.for %j = %c0 to %c512 step %c1 {
      %s = memref.load %b[%j] : memref<512xf32>
      %x = memref.load %a[%i, %j] : memref<16x512xf32>
      %t = arith.addf %s, %x : f32
      memref.store %t, %b[%j] : memref<512xf32>
    }
  }
  return
}

// -----

// Rows of which the last cache does not hold all are read four at a time; the nineteenth on its own.

// CHECK-LABEL: @main
// CHECK: "scf.parallel"(%c0_{{[0-9]+}}, %c4{{[_0-9]*}}, %c1)
// CHECK: %{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}} = scf.for
// CHECK-COUNT-4: vector.load %a
// CHECK: scf.yield
// CHECK-COUNT-4: memref.store
// CHECK: "scf.parallel"(%c16{{.*}}, %c19, %c1)
// CHECK: vector.load %a
func.func @main(%a: memref<19x512xf32>, %b: memref<19xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c19 = arith.constant 19 : index
  %c512 = arith.constant 512 : index
  %zero = arith.constant 0.0 : f32
  %zeros = arith.constant dense<0.0> : vector<8xf32>
  "scf.parallel"(%c0, %c19, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %s = scf.for %j = %c0 to %c512 step %c8 iter_args(%t = %zeros) -> (vector<8xf32>) {
      %x = vector.load %a[%i, %j] : memref<19x512xf32>, vector<8xf32>
      %u = arith.addf %t, %x : vector<8xf32>
      scf.yield %u : vector<8xf32>
    }
    %r = vector.reduction <add>, %s, %zero : vector<8xf32> into f32
    memref.store %r, %b[%i] : memref<19xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}

// -----

// Not where the cache holds all rows.

// CHECK-LABEL: @main
// CHECK: "scf.parallel"(%c0, %c8, %c1)
func.func @main(%a: memref<8x512xf32>, %b: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c512 = arith.constant 512 : index
  %zero = arith.constant 0.0 : f32
  "scf.parallel"(%c0, %c8, %c1) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    %s = scf.for %j = %c0 to %c512 step %c1 iter_args(%t = %zero) -> (f32) {
      %x = memref.load %a[%i, %j] : memref<8x512xf32>
      %u = arith.addf %t, %x : f32
      scf.yield %u : f32
    }
    memref.store %s, %b[%i] : memref<8xf32>
    scf.reduce
  }) : (index, index, index) -> ()
  return
}
