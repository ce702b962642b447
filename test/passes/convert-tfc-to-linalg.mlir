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

// Along the last axis: the extremum, then the least position that has it. Both are vector reductions.
// CHECK-LABEL: @argmax_of_rows
func.func @argmax_of_rows(%x: tensor<8x100xf32>) -> tensor<8xi64> {
  // CHECK: %[[BEST:.*]] = linalg.generic
  // CHECK: arith.maximumf
  // CHECK: linalg.generic {{.*}} ins({{.*}}, %[[BEST]]
  // CHECK: arith.cmpf oeq
  // CHECK: arith.minsi {{.*}} : i32
  // CHECK: arith.extui {{.*}} : i32 to i64
  %r = tfc.argmax %x {axis = 1 : i64, dtype = i64} : (tensor<8x100xf32>) -> tensor<8xi64>
  func.return %r : tensor<8xi64>
}

// Along another one value and position run together, and neither is a select of its old value.
// CHECK-LABEL: @argmax_of_columns
func.func @argmax_of_columns(%x: tensor<8x100xf32>) -> tensor<100xi32> {
  // CHECK: linalg.generic
  // CHECK: arith.cmpf ugt
  // CHECK: arith.maximumf
  // CHECK: arith.maxsi {{.*}} : i32
  // CHECK-NOT: linalg.generic
  %r = tfc.argmax %x {axis = 0 : i64, dtype = i32} : (tensor<8x100xf32>) -> tensor<100xi32>
  func.return %r : tensor<100xi32>
}
