// RUN: %tfc-opt %s -p 'hoist-destinations' --split-input-file | filecheck %s

// CHECK-LABEL: @padded
// CHECK: tensor.empty() : tensor<10xf32>
// CHECK: %[[F:.*]] = linalg.fill
// CHECK: %[[G:.*]] = linalg.generic
// CHECK: tensor.insert_slice %[[G]] into %[[F]][1]
func.func @padded(%x: tensor<8xf32>, %zero: f32) -> tensor<10xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %l = tensor.empty() : tensor<10xf32>
  %f = linalg.fill ins(%zero : f32) outs(%l : tensor<10xf32>) -> tensor<10xf32>
  %p = tensor.insert_slice %g into %f[1] [8] [1] : tensor<8xf32> into tensor<10xf32>
  return %p : tensor<10xf32>
}

// -----

// What is filled in is computed from the result itself.

// CHECK-LABEL: @dependent
// CHECK: linalg.generic
// CHECK: linalg.fill
func.func @dependent(%x: tensor<8xf32>) -> tensor<10xf32> {
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<8xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %first = tensor.extract %g[%c0] : tensor<8xf32>
  %l = tensor.empty() : tensor<10xf32>
  %f = linalg.fill ins(%first : f32) outs(%l : tensor<10xf32>) -> tensor<10xf32>
  %p = tensor.insert_slice %g into %f[1] [8] [1] : tensor<8xf32> into tensor<10xf32>
  return %p : tensor<10xf32>
}
