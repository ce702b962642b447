// RUN: %tfc-opt %s -p split-reductions{min-elements=100} --split-input-file | filecheck %s

// CHECK-LABEL: @sum
func.func @sum(%x: tensor<20x30xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %init = tensor.from_elements %zero : tensor<f32>
  // CHECK: arith.constant -0.000000e+00 : f32
  // CHECK: %[[X:.*]] = tensor.expand_shape %x
  // CHECK-SAME: tensor<5x4x30xf32>
  // CHECK: %[[PARTS:.*]] = linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "reduction", "reduction"]
  // CHECK-SAME: tensor<5xf32>
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["reduction"]
  // CHECK: arith.addf {{.*}} fastmath<reassoc>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>], iterator_types = ["reduction", "reduction"]}
      ins(%x : tensor<20x30xf32>) outs(%init : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %t = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %t : f32
  } -> tensor<f32>
  return %s : tensor<f32>
}

// -----

// Rows are independent already; and what is not known to be associative stays.
// CHECK-LABEL: @stays
// CHECK-NOT: tensor.expand_shape
func.func @stays(%x: tensor<20x30xf32>, %r: tensor<20xf32>, %s: tensor<30xf32>) -> (tensor<20xf32>, tensor<30xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<20x30xf32>) outs(%r : tensor<20xf32>) {
  ^bb0(%a: f32, %o: f32):
    %t = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %t : f32
  } -> tensor<20xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<20x30xf32>) outs(%s : tensor<30xf32>) {
  ^bb0(%a: f32, %o: f32):
    %t = arith.addf %o, %a : f32
    linalg.yield %t : f32
  } -> tensor<30xf32>
  return %0, %1 : tensor<20xf32>, tensor<30xf32>
}
