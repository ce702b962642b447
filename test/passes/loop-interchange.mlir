// RUN: %tfc-opt %s -p 'loop-interchange' --split-input-file | filecheck %s

// The loop moves inside; what is broadcast keeps its map, what is not needed afterwards is not written.

// CHECK-LABEL: @inside
// CHECK-NOT: scf.for
// CHECK: %[[Y:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>]
// CHECK: ^bb0(%[[X:.*]]: f32, %[[W:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32)
// CHECK: %{{.*}}, %[[R:.*]] = scf.for {{.*}} iter_args(%[[T:.*]] = %[[X]], %[[U:.*]] = %[[W]]) -> (f32, f32)
// CHECK: %[[S:.*]] = arith.mulf %[[T]], %[[U]]
// CHECK: %[[N:.*]] = arith.addf %[[S]], %[[B]]
// CHECK: scf.yield %[[U]], %[[N]]
// CHECK: linalg.yield %[[R]]
// CHECK: return %[[Y]]
func.func @inside(%x: tensor<4x8xf32>, %w: tensor<4x8xf32>, %b: tensor<8xf32>, %n: index) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4x8xf32>
  %0, %1 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x, %u = %w) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
    %p = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%t, %u : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %s = arith.mulf %a, %c : f32
      linalg.yield %s : f32
    } -> tensor<4x8xf32>
    %q = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%p, %b : tensor<4x8xf32>, tensor<8xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
    } -> tensor<4x8xf32>
    scf.yield %u, %q : tensor<4x8xf32>, tensor<4x8xf32>
  }
  return %1 : tensor<4x8xf32>
}

// -----

// A neighbour is read, so an element needs more than itself.

// CHECK-LABEL: @transposed
// CHECK: scf.for {{.*}} iter_args
// CHECK: linalg.generic
func.func @transposed(%x: tensor<4x4xf32>, %n: index) -> tensor<4x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<4x4xf32>) {
    %p = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%t, %t : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %s = arith.mulf %a, %c : f32
      linalg.yield %s : f32
    } -> tensor<4x4xf32>
    scf.yield %p : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}

// -----

// Two unknown sizes may differ.

// CHECK-LABEL: @unrelated
// CHECK: scf.for {{.*}} iter_args
// CHECK: linalg.generic
func.func @unrelated(%x: tensor<?xf32>, %y: tensor<?xf32>, %n: index) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0, %1 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x, %u = %y) -> (tensor<?xf32>, tensor<?xf32>) {
    %p = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%t : tensor<?xf32>) outs(%t : tensor<?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.mulf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    scf.yield %p, %u : tensor<?xf32>, tensor<?xf32>
  }
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// A constant made in the body is one of an element; one that differs from element to element stays where it is.

// CHECK-LABEL: @constants
// CHECK: linalg.generic
// CHECK: scf.for
// CHECK-NEXT: %[[SEVEN:.*]] = arith.constant 7.000000e+00 : f32
// CHECK-NEXT: scf.yield %[[SEVEN]] : f32
// CHECK: scf.for {{.*}} -> (tensor<2xf32>)
func.func @constants(%x: tensor<2xf32>, %n: index) -> (tensor<2xf32>, tensor<2xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<2xf32>) {
    %seven = arith.constant dense<7.0> : tensor<2xf32>
    scf.yield %seven : tensor<2xf32>
  }
  %1 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<2xf32>) {
    %several = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    scf.yield %several : tensor<2xf32>
  }
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
