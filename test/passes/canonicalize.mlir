// RUN: %tfc-opt %s -p canonicalize --split-input-file | filecheck %s

// CHECK-LABEL: @constants
// CHECK-DAG: %[[A:.*]] = arith.constant 12 : index
// CHECK-DAG: %[[B:.*]] = arith.constant true
// CHECK-DAG: %[[C:.*]] = arith.constant -1 : i8
// CHECK-DAG: %[[D:.*]] = arith.constant 2.500000e+00 : f32
// CHECK: return %[[A]], %[[B]], %[[C]], %[[D]]
func.func @constants() -> (index, i1, i8, f32) {
  %a = arith.constant 3 : index
  %b = arith.constant 4 : index
  %c = arith.muli %a, %b : index
  %d = arith.cmpi ult, %a, %b : index
  %e = arith.constant 127 : i8
  %f = arith.addi %e, %e : i8
  %g = arith.constant 1 : i8
  %h = arith.addi %f, %g : i8
  %i = arith.constant 1.5 : f32
  %j = arith.constant 1.0 : f32
  %k = arith.addf %i, %j : f32
  return %c, %d, %h, %k : index, i1, i8, f32
}

// -----

// x + 0 is not x for -0, so it stays; x - 0 and x + -0 are.

// CHECK-LABEL: @neutral
// CHECK: %[[S:.*]] = arith.addf %x, %zero
// CHECK-NOT: arith.subf
// CHECK: return %[[S]], %x, %x, %x
func.func @neutral(%x: f32) -> (f32, f32, f32, f32) {
  %zero = arith.constant 0.0 : f32
  %minus = arith.constant -0.0 : f32
  %one = arith.constant 1.0 : f32
  %a = arith.addf %x, %zero : f32
  %b = arith.subf %x, %zero : f32
  %c = arith.addf %x, %minus : f32
  %d = arith.mulf %one, %x : f32
  return %a, %b, %c, %d : f32, f32, f32, f32
}

// -----

// Division by zero stays where it traps.

// CHECK-LABEL: @division_by_zero
// CHECK: arith.divsi
func.func @division_by_zero() -> i32 {
  %a = arith.constant 3 : i32
  %b = arith.constant 0 : i32
  %c = arith.divsi %a, %b : i32
  return %c : i32
}

// -----

// CHECK-LABEL: @sizes
// CHECK: %[[C:.*]] = arith.constant 4 : index
// CHECK: return %[[C]], %n, %n
func.func @sizes(%x: tensor<4xf32>, %n: index, %v: f32) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %a = tensor.dim %x, %c0 : tensor<4xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %b = tensor.dim %e, %c0 : tensor<?xf32>
  %f = tensor.insert %v into %e[%c0] : tensor<?xf32>
  %c = tensor.dim %f, %c0 : tensor<?xf32>
  return %a, %b, %c : index, index, index
}

// -----

// A rank-0 tensor that a loop carries becomes a scalar.

// CHECK-LABEL: @counter
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (i64)
// CHECK-NEXT: arith.addi
// CHECK-NEXT: scf.yield {{.*}} : i64
// CHECK: tensor.from_elements
func.func @counter(%x: tensor<i64>, %n: index) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<i64>) {
    %a = tensor.extract %t[] : tensor<i64>
    %b = arith.addi %a, %a : i64
    %c = tensor.from_elements %b : tensor<i64>
    scf.yield %c : tensor<i64>
  }
  return %r : tensor<i64>
}

// -----

// CHECK-LABEL: @decided
// CHECK-NOT: scf
// CHECK: return %x, %y, %x
func.func @decided(%x: f32, %y: f32, %c: i1) -> (f32, f32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %true = arith.constant true
  %a = scf.if %true -> (f32) {
    scf.yield %x : f32
  } else {
    scf.yield %y : f32
  }
  %b = scf.for %i = %c0 to %c1 step %c1 iter_args(%t = %x) -> (f32) {
    scf.yield %y : f32
  }
  %d = scf.for %i = %c1 to %c0 step %c1 iter_args(%t = %x) -> (f32) {
    scf.yield %y : f32
  }
  cf.assert %true, "never"
  return %a, %b, %d : f32, f32, f32
}

// -----

// What has an effect stays.

// CHECK-LABEL: @effects
// CHECK: func.call @f
// CHECK: cf.assert
// CHECK: memref.store
func.func private @f() -> f32
func.func @effects(%c: i1, %m: memref<f32>, %x: f32) {
  %a = func.call @f() : () -> f32
  cf.assert %c, "no"
  memref.store %x, %m[] : memref<f32>
  return
}

// -----

// The counter of a loop is within its bounds: what checks that goes.

// CHECK-LABEL: @counter
// CHECK: scf.for
// CHECK-NOT: cf.assert
// CHECK: scf.for
// CHECK: cf.assert
func.func @counter(%n: index, %m: memref<?xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %negative = arith.cmpi slt, %i, %c0 : index
    %wrapped = arith.addi %i, %n : index
    %j = arith.select %negative, %wrapped, %i : index
    %ok = arith.cmpi ult, %j, %n : index
    cf.assert %ok, "never"
    memref.store %x, %m[%j] : memref<?xf32>
  }
  scf.for %i = %c0 to %n step %c1 {
    %c8 = arith.constant 8 : index
    %ok = arith.cmpi ult, %i, %c8 : index
    cf.assert %ok, "maybe"
    memref.store %x, %m[%i] : memref<?xf32>
  }
  return
}

// -----

// So are its neighbours, where the bounds leave room for them: bounds may be relative to a size. Offsets that might wrap around stay.

// CHECK-LABEL: @neighbours
// CHECK-NOT: cf.assert
// CHECK: scf.for
// CHECK-COUNT-2: cf.assert
// CHECK-NOT: cf.assert
// CHECK: return
func.func @neighbours(%x: tensor<?xf32>, %m: index, %narrow: i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %last = arith.subi %n, %c2 : index
  scf.for %k = %c0 to %last step %c1 {
    %i = arith.addi %c1, %k : index
    %left = arith.subi %i, %c1 : index
    %right = arith.addi %i, %c1 : index
    %a = arith.cmpi sge, %left, %c0 : index
    cf.assert %a, "not to the left"
    %size = tensor.dim %x, %c0 : tensor<?xf32>
    %b = arith.cmpi ult, %right, %size : index
    cf.assert %b, "not to the right"
    %j = arith.index_cast %i : index to i64
    %r = arith.constant 7 : i64
    %s = arith.remui %j, %r : i64
    %c = arith.cmpi slt, %s, %r : i64
    cf.assert %c, "a remainder"
  }
  scf.for %k = %c0 to %m step %c1 {
    %c3 = arith.constant 3 : index
    %far = arith.addi %k, %c3 : index
    %a = arith.cmpi sge, %far, %c0 : index
    cf.assert %a, "may wrap around"
    %b = arith.cmpi slt, %k, %n : index
    cf.assert %b, "another bound"
  }
  return
}

// -----

// One element of what was made of elements needs no memory.

// CHECK-LABEL: @slice_of_elements
// CHECK-NOT: tensor
// CHECK: return %b
func.func @slice_of_elements(%a: i64, %b: i64) -> i64 {
  %t = tensor.from_elements %a, %b : tensor<2xi64>
  %s = tensor.extract_slice %t[1] [1] [1] : tensor<2xi64> to tensor<i64>
  %e = tensor.extract %s[] : tensor<i64>
  return %e : i64
}

// -----

// A contraction reads transposed operands where they were, and writes its result as a transpose would; unless rows had gaps.

// CHECK-LABEL: @transposed_products
// CHECK-NOT: tfc.transpose
// CHECK: tfc.contract %x, %y {x_labels = array<i64: 0, 2, 1, 3>, y_labels = array<i64: 0, 1, 4, 3>, out_labels = array<i64: 0, 2, 1, 4>}
// CHECK: tfc.transpose %z
// CHECK: tfc.matmul
func.func @transposed_products(%x: tensor<2x5x3x8xf32>, %y: tensor<2x3x7x8xf32>, %z: tensor<5x8x3x2xf32>) -> (tensor<2x5x3x7xf32>, tensor<2x3x5x7xf32>) {
  %0 = tfc.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x8xf32>) -> tensor<2x3x5x8xf32>
  %1 = tfc.matmul %0, %y {transpose_x = false, transpose_y = true} : (tensor<2x3x5x8xf32>, tensor<2x3x7x8xf32>) -> tensor<2x3x5x7xf32>
  %2 = tfc.transpose %1 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x3x5x7xf32>) -> tensor<2x5x3x7xf32>
  %3 = tfc.transpose %z {permutation = array<i64: 3, 2, 0, 1>} : (tensor<5x8x3x2xf32>) -> tensor<2x3x5x8xf32>
  %4 = tfc.matmul %3, %y {transpose_x = false, transpose_y = true} : (tensor<2x3x5x8xf32>, tensor<2x3x7x8xf32>) -> tensor<2x3x5x7xf32>
  return %2, %4 : tensor<2x5x3x7xf32>, tensor<2x3x5x7xf32>
}

// -----

// What a loop adds to a number in each iteration says where it ends: ten times nothing or one, from zero.

// CHECK-LABEL: @carried
// CHECK: scf.for
// CHECK: scf.if
// CHECK: memref.store %b
// CHECK-NOT: scf.if
// CHECK: return
func.func @carried(%x: memref<10xi1>, %seen: memref<10xi1>, %b: i1) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %size = arith.constant 10 : i64
  %last = scf.for %i = %c0 to %c10 step %c1 iter_args(%n = %zero) -> (i64) {
    %p = memref.load %x[%i] : memref<10xi1>
    %next = scf.if %p -> (i64) {
      memref.store %b, %seen[%i] : memref<10xi1>
      %m = arith.addi %n, %one : i64
      scf.yield %m : i64
    } else {
      scf.yield %n : i64
    }
    %low = arith.cmpi sge, %n, %zero : i64
    %high = arith.cmpi slt, %n, %size : i64
    %inside = arith.andi %low, %high : i1
    scf.if %inside {
    } else {
      memref.store %p, %seen[%i] : memref<10xi1>
    }
    scf.yield %next : i64
  }
  return %last : i64
}

// -----

// Not where the number may also be doubled, nor that it is below ten after ten iterations.

// CHECK-LABEL: @not_decided
// CHECK: arith.cmpi sge
// CHECK: arith.cmpi slt
func.func @not_decided(%x: memref<10xi64>) -> (i64, i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %size = arith.constant 10 : i64
  %last, %count = scf.for %i = %c0 to %c10 step %c1 iter_args(%n = %one, %m = %zero) -> (i64, i64) {
    %twice = arith.addi %n, %n : i64
    %low = arith.cmpi sge, %n, %zero : i64
    %next = arith.select %low, %twice, %one : i64
    memref.store %next, %x[%i] : memref<10xi64>
    %more = arith.addi %m, %one : i64
    scf.yield %next, %more : i64, i64
  }
  %high = arith.cmpi slt, %count, %size : i64
  return %last, %high : i64, i1
}

// -----

// A count in two loops ends at the product of their lengths, one in a loop of unknown length is not negative.

// CHECK-LABEL: @nested
// CHECK-NOT: arith.cmpi sge
// CHECK: arith.cmpi slt, %{{.*}}, %c29
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @nested(%x: memref<5x6xi1>, %n: index) -> (i64, i1, i1, i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %c29 = arith.constant 29 : i64
  %c31 = arith.constant 31 : i64
  %all = scf.for %i = %c0 to %c5 step %c1 iter_args(%m = %zero) -> (i64) {
    %row = scf.for %j = %c0 to %c6 step %c1 iter_args(%k = %m) -> (i64) {
      %p = memref.load %x[%i, %j] : memref<5x6xi1>
      %more = arith.addi %k, %one : i64
      %next = arith.select %p, %more, %k : i64
      scf.yield %next : i64
    }
    scf.yield %row : i64
  }
  %below_29 = arith.cmpi slt, %all, %c29 : i64
  %below_31 = arith.cmpi slt, %all, %c31 : i64
  %some = scf.for %i = %c0 to %n step %c1 iter_args(%m = %zero) -> (i64) {
    %p = memref.load %x[%c0, %c0] : memref<5x6xi1>
    %more = arith.addi %m, %one : i64
    %next = arith.select %p, %more, %m : i64
    scf.yield %next : i64
  }
  %natural = arith.cmpi sge, %some, %zero : i64
  return %all, %below_29, %below_31, %natural : i64, i1, i1, i1
}

// -----

// Not where steps of two could go around: the loop may run 2 ** 63 - 1 times.

// CHECK-LABEL: @around
// CHECK: arith.cmpi sge
func.func @around(%n: index) -> i1 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i64
  %two = arith.constant 2 : i64
  %some = scf.for %i = %c0 to %n step %c1 iter_args(%m = %zero) -> (i64) {
    %more = arith.addi %m, %two : i64
    scf.yield %more : i64
  }
  %natural = arith.cmpi sge, %some, %zero : i64
  return %natural : i1
}

// -----

// CHECK-LABEL: @element_of_fill
// CHECK-NEXT: return %x : f32
func.func @element_of_fill(%x: f32, %i: index) -> f32 {
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%x : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %y = tensor.extract %f[%i] : tensor<8xf32>
  return %y : f32
}

// -----

// A piece of what was put together is that piece; one that others lie over is not.

// CHECK-LABEL: @slices_of_stack
// CHECK: %[[A:.*]] = tensor.insert_slice %a
// CHECK: %[[AB:.*]] = tensor.insert_slice %b into %[[A]]
// CHECK: %[[C:.*]] = tensor.insert_slice %c into %[[AB]]
// CHECK: %[[D:.*]] = tensor.extract_slice %[[C]]
// CHECK: return %a, %b, %[[D]]
func.func @slices_of_stack(%a: tensor<8xi32>, %b: tensor<8xi32>, %c: tensor<4x1xi32>) -> (tensor<8xi32>, tensor<8xi32>, tensor<8xi32>) {
  %e = tensor.empty() : tensor<8x2xi32>
  %0 = tensor.insert_slice %a into %e[0, 0] [8, 1] [1, 1] : tensor<8xi32> into tensor<8x2xi32>
  %1 = tensor.insert_slice %b into %0[0, 1] [8, 1] [1, 1] : tensor<8xi32> into tensor<8x2xi32>
  %2 = tensor.extract_slice %1[0, 0] [8, 1] [1, 1] : tensor<8x2xi32> to tensor<8xi32>
  %3 = tensor.extract_slice %1[0, 1] [8, 1] [1, 1] : tensor<8x2xi32> to tensor<8xi32>
  %4 = tensor.insert_slice %c into %1[2, 0] [4, 1] [1, 1] : tensor<4x1xi32> into tensor<8x2xi32>
  %5 = tensor.extract_slice %4[0, 0] [8, 1] [1, 1] : tensor<8x2xi32> to tensor<8xi32>
  return %2, %3, %5 : tensor<8xi32>, tensor<8xi32>, tensor<8xi32>
}

// -----

// What is stacked to be read one by one is read where it came from.

// CHECK-LABEL: @element_of_stack
// CHECK-SAME: (%a: tensor<?xi32>, %b: tensor<7xi64>, %i: index)
// CHECK: %[[A:.*]] = tensor.extract %a[%i] : tensor<?xi32>
// CHECK: %[[X:.*]] = arith.extsi %[[A]] : i32 to i64
// CHECK: %[[B:.*]] = tensor.extract %b[%i] : tensor<7xi64>
// CHECK: return %[[X]], %[[B]]
func.func @element_of_stack(%a: tensor<?xi32>, %b: tensor<7xi64>, %i: index) -> (i64, i64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %e = tensor.empty() : tensor<7xi64>
  %f = tensor.cast %a : tensor<?xi32> to tensor<7xi32>
  %x = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%f : tensor<7xi32>) outs(%e : tensor<7xi64>) {
  ^bb0(%0: i32, %1: i64):
    %2 = arith.extsi %0 : i32 to i64
    linalg.yield %2 : i64
  } -> tensor<7xi64>
  %g = tensor.empty() : tensor<7x2xi64>
  %h = tensor.insert_slice %x into %g[0, 0] [7, 1] [1, 1] : tensor<7xi64> into tensor<7x2xi64>
  %s = tensor.insert_slice %b into %h[0, 1] [7, 1] [1, 1] : tensor<7xi64> into tensor<7x2xi64>
  %u = tensor.extract %s[%i, %c0] : tensor<7x2xi64>
  %v = tensor.extract %s[%i, %c1] : tensor<7x2xi64>
  return %u, %v : i64, i64
}

// -----

// An element that may be in one piece or the other is read from the whole.

// CHECK-LABEL: @element_of_either
// CHECK: tensor.extract %{{.*}}[%i] : tensor<7xf32>
func.func @element_of_either(%a: tensor<3xf32>, %b: tensor<4xf32>, %i: index) -> f32 {
  %g = tensor.empty() : tensor<7xf32>
  %h = tensor.insert_slice %a into %g[0] [3] [1] : tensor<3xf32> into tensor<7xf32>
  %s = tensor.insert_slice %b into %h[3] [4] [1] : tensor<4xf32> into tensor<7xf32>
  %u = tensor.extract %s[%i] : tensor<7xf32>
  return %u : f32
}

// -----

// A range, transposed and repeated: the element is computed from its place.

// CHECK-LABEL: @element_of_range
// CHECK: %[[N:.*]] = arith.index_cast %j : index to i32
// CHECK: %[[V:.*]] = tensor.extract %v[%j, %{{.*}}] : tensor<5x1xf32>
// CHECK: return %[[N]], %[[V]]
func.func @element_of_range(%v: tensor<5x1xf32>, %i: index, %j: index) -> (i32, f32) {
  %e = tensor.empty() : tensor<5xi32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<5xi32>) {
  ^bb0(%0: i32):
    %1 = linalg.index 0 : index
    %2 = arith.index_cast %1 : index to i32
    linalg.yield %2 : i32
  } -> tensor<5xi32>
  %g = tensor.empty() : tensor<3x5xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (j, i)>], iterator_types = ["parallel", "parallel"]} ins(%v : tensor<5x1xf32>) outs(%g : tensor<3x5xf32>) {
  ^bb0(%0: f32, %1: f32):
    linalg.yield %0 : f32
  } -> tensor<3x5xf32>
  %n = tensor.extract %r[%j] : tensor<5xi32>
  %w = tensor.extract %t[%i, %j] : tensor<3x5xf32>
  return %n, %w : i32, f32
}
