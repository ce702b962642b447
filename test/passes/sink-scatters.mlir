// RUN: %tfc-opt %s -p sink-scatters --split-input-file | filecheck %s

// The update of a table touches the rows that the indices name.
// CHECK-LABEL: @descent
// CHECK: %[[S:.*]] = tfc.multiply %rate, %u {{.*}}-> tensor<3x4xf32>
// CHECK: %[[W:.*]] = tfc.scatter_along %v, %i, %[[S]] {combiner = "sub", axis = 0 : i64, batch_dims = 0 : i64, negative = "error"}
// CHECK: return %[[W]]
func.func @descent(%v: tensor<9x4xf32>, %i: tensor<3xi32>, %u: tensor<3x4xf32>, %rate: tensor<f32>) -> tensor<9x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %zeros = tfc.broadcast_to %zero {shape = array<i64: 9, 4>} : (tensor<f32>) -> tensor<9x4xf32>
  %g = tfc.scatter_along %zeros, %i, %u {combiner = "add", axis = 0 : i64, batch_dims = 0 : i64, negative = "error"} : (tensor<9x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<9x4xf32>
  %s = tfc.multiply %rate, %g : (tensor<f32>, tensor<9x4xf32>) -> tensor<9x4xf32>
  %w = tfc.subtract %v, %s : (tensor<9x4xf32>, tensor<9x4xf32>) -> tensor<9x4xf32>
  return %w : tensor<9x4xf32>
}

// -----

// CHECK-LABEL: @moment
// CHECK: %[[D:.*]] = tfc.multiply %m, %rate
// CHECK: tfc.scatter_nd %[[D]], %i, %u {combiner = "add", negative = "error"}
func.func @moment(%m: tensor<9xf32>, %i: tensor<3x1xi32>, %u: tensor<3xf32>, %rate: tensor<f32>) -> tensor<9xf32> {
  %zeros = arith.constant dense<0.0> : tensor<9xf32>
  %g = tfc.scatter_nd %zeros, %i, %u {combiner = "add", negative = "error"} : (tensor<9xf32>, tensor<3x1xi32>, tensor<3xf32>) -> tensor<9xf32>
  %d = tfc.multiply %m, %rate : (tensor<9xf32>, tensor<f32>) -> tensor<9xf32>
  %w = tfc.add %g, %d : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  return %w : tensor<9xf32>
}

// -----

// The gradient is needed as it is, or is what is subtracted from.
// CHECK-LABEL: @kept
// CHECK-COUNT-2: combiner = "add"
// CHECK-NOT: scatter
func.func @kept(%v: tensor<9xf32>, %i: tensor<3x1xi32>, %u: tensor<3xf32>) -> (tensor<9xf32>, tensor<9xf32>, tensor<9xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<9xf32>
  %g = tfc.scatter_nd %zeros, %i, %u {combiner = "add", negative = "error"} : (tensor<9xf32>, tensor<3x1xi32>, tensor<3xf32>) -> tensor<9xf32>
  %w = tfc.subtract %v, %g : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  %h = tfc.scatter_nd %zeros, %i, %u {combiner = "add", negative = "error"} : (tensor<9xf32>, tensor<3x1xi32>, tensor<3xf32>) -> tensor<9xf32>
  %x = tfc.subtract %h, %v : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  return %g, %w, %x : tensor<9xf32>, tensor<9xf32>, tensor<9xf32>
}
