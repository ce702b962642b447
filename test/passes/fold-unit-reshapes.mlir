// RUN: %tfc-opt %s -p fold-unit-reshapes --split-input-file | filecheck %s

// CHECK-LABEL: @keepdims
// CHECK-NOT: tensor.expand_shape
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>]
// CHECK-SAME: ins(%x, %s : tensor<8x64xf32>, tensor<8xf32>)
func.func @keepdims(%x: tensor<8x64xf32>, %s: tensor<8xf32>) -> tensor<8x64xf32> {
  %0 = tensor.expand_shape %s [[0, 1]] output_shape [8, 1] : tensor<8xf32> into tensor<8x1xf32>
  %1 = tensor.empty() : tensor<8x64xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %0 : tensor<8x64xf32>, tensor<8x1xf32>) outs(%1 : tensor<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<8x64xf32>
  return %2 : tensor<8x64xf32>
}

// -----

// A reshape that splits a dim in two stays.

// CHECK-LABEL: @split
// CHECK: tensor.expand_shape
func.func @split(%s: tensor<8xf32>) -> tensor<4x2xf32> {
  %0 = tensor.expand_shape %s [[0, 1]] output_shape [4, 2] : tensor<8xf32> into tensor<4x2xf32>
  %1 = tensor.empty() : tensor<4x2xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x2xf32>) outs(%1 : tensor<4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %d = arith.negf %a : f32
    linalg.yield %d : f32
  } -> tensor<4x2xf32>
  return %2 : tensor<4x2xf32>
}
