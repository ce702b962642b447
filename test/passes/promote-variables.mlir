// RUN: %tfc-opt %s -p promote-variables | filecheck %s

// CHECK-LABEL: @main
// CHECK-SAME: %[[V:[a-z0-9]+]]: tensor<3xf32> {tfc.variable}
// CHECK-SAME: tfc.updates = 0 : i64
func.func public @main(%v: !tfc.variable<tensor<3xf32>>, %x: tensor<3xf32>, %c: i1, %n: index, %one: index) -> tensor<3xf32> {
  // CHECK: %[[SUM:.*]] = tfc.add %[[V]], %x
  %0 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  %1 = tfc.add %0, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  tfc.assign %v, %1 : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
  // CHECK: %[[IF:.*]] = scf.if
  // CHECK-NEXT: scf.yield %x
  // CHECK: scf.yield %[[SUM]]
  scf.if %c {
    tfc.assign %v, %x : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
  }
  // CHECK: scf.for {{.*}} iter_args(%[[CARRY:.*]] = %[[IF]])
  // CHECK: func.call @step(%[[CARRY]])
  scf.for %i = %one to %n step %one {
    func.call @step(%v) : (!tfc.variable<tensor<3xf32>>) -> ()
  }
  %2 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// What was read before an assignment is passed to a function as it was, the variable itself as it is.
// CHECK-LABEL: @old_and_new
// CHECK-SAME: %[[V:[a-z0-9]+]]: tensor<3xf32> {tfc.variable}
// CHECK: func.call @sum(%[[V]], %x)
func.func public @old_and_new(%v: !tfc.variable<tensor<3xf32>>, %x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  tfc.assign %v, %x : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
  %1 = func.call @sum(%0, %v) : (tensor<3xf32>, !tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

func.func private @sum(%x: tensor<3xf32>, %v: !tfc.variable<tensor<3xf32>>) -> tensor<3xf32> {
  %0 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  %1 = tfc.add %x, %0 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// CHECK: func.func private @step(%{{.*}}: tensor<3xf32>) -> tensor<3xf32>
func.func private @step(%v: !tfc.variable<tensor<3xf32>>) {
  %0 = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
  %1 = tfc.negative %0 : (tensor<3xf32>) -> tensor<3xf32>
  tfc.assign %v, %1 : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
  return
}
