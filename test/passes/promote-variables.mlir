// RUN: %tfc-opt %s -p promote-variables | filecheck %s

// CHECK-LABEL: @main
// CHECK-SAME: tfc.variable
// CHECK-SAME: tfc.updates = 0
func.func @main(%v: !tfc.variable<tensor<3xf32>>, %x: tensor<3xf32>) {
  // CHECK-NOT: tfc.read
  // CHECK: %[[SUM:.*]] = tfc.add
  // CHECK-NOT: tfc.assign
  // CHECK: func.return %[[SUM]]
  %0 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  %1 = tfc.add %0, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  tfc.assign %v, %1 : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
  func.return
}
