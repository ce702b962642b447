// RUN: %tfc-opt %s -p bubble-up-extract-slice --split-input-file | filecheck %s

// Both halves are computed by themselves; operands that do not know the axis stay as they are.

// CHECK-LABEL: @halves
// CHECK-DAG: %[[X0:.*]] = tensor.extract_slice %x[0, 0, 0] [8, 5, 1] [1, 1, 1] : tensor<8x5x2xf32> to tensor<8x5xf32>
// CHECK: %[[A:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>]
// CHECK-SAME: ins(%[[X0]], %b : tensor<8x5xf32>, tensor<5xf32>)
// CHECK: %[[X1:.*]] = tensor.extract_slice %x[0, 0, 1] [8, 5, 1]
// CHECK: %[[B:.*]] = linalg.generic {{.*}} ins(%[[X1]], %b
// CHECK-NOT: tensor<8x5x2xf32>
// CHECK: return %[[A]], %[[B]]
func.func @halves(%x: tensor<8x5x2xf32>, %b: tensor<5xf32>) -> (tensor<8x5xf32>, tensor<8x5xf32>) {
  %e = tensor.empty() : tensor<8x5x2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (j)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %b : tensor<8x5x2xf32>, tensor<5xf32>) outs(%e : tensor<8x5x2xf32>) {
  ^bb0(%0: f32, %1: f32, %2: f32):
    %3 = arith.addf %0, %1 : f32
    linalg.yield %3 : f32
  } -> tensor<8x5x2xf32>
  %u = tensor.extract_slice %y[0, 0, 0] [8, 5, 1] [1, 1, 1] : tensor<8x5x2xf32> to tensor<8x5xf32>
  %v = tensor.extract_slice %y[0, 0, 1] [8, 5, 1] [1, 1, 1] : tensor<8x5x2xf32> to tensor<8x5xf32>
  return %u, %v : tensor<8x5xf32>, tensor<8x5xf32>
}

// -----

// Through a transposed write, an axis of size 1 that is repeated, steps, and sizes known at run time.

// CHECK-LABEL: @transposed
// CHECK: tensor.extract_slice %x[1, 0] [%n, 4] [2, 1] : tensor<?x4xf32> to tensor<?x4xf32>
// CHECK: %[[E:.*]] = tensor.empty(%n) : tensor<4x?xf32>
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d1)>, affine_map<(d0, d1) -> (d1, d0)>]
// CHECK-SAME: ins(%{{.*}}, %r : tensor<?x4xf32>, tensor<1x4xf32>) outs(%[[E]] : tensor<4x?xf32>)
func.func @transposed(%x: tensor<?x4xf32>, %r: tensor<1x4xf32>, %m: index, %n: index) -> tensor<4x?xf32> {
  %e = tensor.empty(%m) : tensor<4x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (0, j)>, affine_map<(i, j) -> (j, i)>], iterator_types = ["parallel", "parallel"]} ins(%x, %r : tensor<?x4xf32>, tensor<1x4xf32>) outs(%e : tensor<4x?xf32>) {
  ^bb0(%0: f32, %1: f32, %2: f32):
    %3 = arith.addf %0, %1 : f32
    linalg.yield %3 : f32
  } -> tensor<4x?xf32>
  %u = tensor.extract_slice %y[0, 1] [4, %n] [1, 2] : tensor<4x?xf32> to tensor<4x?xf32>
  return %u : tensor<4x?xf32>
}

// -----

// Windows that overlap would be computed more than once; what something else reads is there as a whole.

// CHECK-LABEL: @stays
// CHECK: linalg.generic
// CHECK-NEXT: ^
// CHECK: tensor.extract_slice
// CHECK: tensor.extract_slice
// CHECK-NOT: linalg.generic
func.func @stays(%x: tensor<9xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<9xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<9xf32>) outs(%e : tensor<9xf32>) {
  ^bb0(%0: f32, %2: f32):
    %3 = math.exp %0 : f32
    linalg.yield %3 : f32
  } -> tensor<9xf32>
  %u = tensor.extract_slice %y[0] [8] [1] : tensor<9xf32> to tensor<8xf32>
  %v = tensor.extract_slice %y[1] [8] [1] : tensor<9xf32> to tensor<8xf32>
  return %u, %v : tensor<8xf32>, tensor<8xf32>
}
