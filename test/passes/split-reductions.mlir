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

// -----

// The channels of a group are summed last, so that vectors run over them and the groups; sums of many elements are cut before.
// CHECK-LABEL: @short_rows
func.func @short_rows(%x: tensor<8x600x32x4xf32>, %init: tensor<8x32xf32>) -> tensor<8x32xf32> {
  // CHECK: %[[X:.*]] = tensor.expand_shape %x
  // CHECK-SAME: tensor<8x2x300x32x4xf32>
  // CHECK: %[[PARTS:.*]] = linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "parallel", "reduction", "parallel", "parallel"]
  // CHECK-SAME: tensor<2x8x32x4xf32>
  // CHECK: %[[SUMS:.*]] = linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "reduction"]
  // CHECK-SAME: ins(%[[PARTS]]
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["reduction", "parallel", "parallel"]
  // CHECK-SAME: ins(%[[SUMS]] : tensor<2x8x32xf32>) outs(%init
  %s = linalg.generic {indexing_maps = [affine_map<(n, r, g, c) -> (n, r, g, c)>, affine_map<(n, r, g, c) -> (n, g)>],
        iterator_types = ["parallel", "reduction", "parallel", "reduction"]}
      ins(%x : tensor<8x600x32x4xf32>) outs(%init : tensor<8x32xf32>) {
  ^bb0(%a: f32, %o: f32):
    %t = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %t : f32
  } -> tensor<8x32xf32>
  return %s : tensor<8x32xf32>
}
