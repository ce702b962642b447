// RUN: %tfc-opt %s -p convert-tfc-to-linalg | filecheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%x: tensor<3x4xf32>, %y: tensor<4xf32>) -> tensor<3x4xf32> {
  // CHECK: tensor.empty() : tensor<3x4xf32>
  // CHECK: linalg.generic
  // CHECK-SAME: ["parallel", "parallel"]
  // CHECK: arith.addf
  // CHECK-NOT: tfc.add
  %z = tfc.add %x, %y : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  func.return %z : tensor<3x4xf32>
}

// Rank 0 is scalar arithmetic, without loops.
// CHECK-LABEL: @scalar
func.func @scalar(%x: tensor<i32>) -> tensor<i32> {
  // CHECK: tensor.extract
  // CHECK: arith.subi
  // CHECK: tensor.from_elements
  // CHECK-NOT: linalg
  %z = tfc.negative %x : (tensor<i32>) -> tensor<i32>
  func.return %z : tensor<i32>
}

// Types are signless from here on.
// CHECK-LABEL: @unsigned
// CHECK-SAME: tensor<?xi8>
func.func @unsigned(%x: tensor<?xui8>) -> tensor<?xui8> {
  // CHECK: tensor.dim
  // CHECK: arith.muli
  %z = tfc.multiply %x, %x : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  func.return %z : tensor<?xui8>
}
