// RUN: %tfc-opt %s -p repeat-operands --split-input-file | filecheck %s

// CHECK-LABEL: @groups
func.func @groups(%x: tensor<64x32x4xf32>, %m: tensor<1x32x1xf32>, %w: tensor<4xf32>) -> tensor<64x32x4xf32> {
  %e = tensor.empty() : tensor<64x32x4xf32>
  // CHECK: %[[M:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, 0)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK-SAME: ins(%m : tensor<1x32x1xf32>) outs({{.*}} : tensor<32x4xf32>)
  // CHECK: %[[W:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>,
  // CHECK-SAME: affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>]
  // CHECK-SAME: ins(%x, %[[M]], %[[W]] :
  %y = linalg.generic {indexing_maps = [affine_map<(n, g, c) -> (n, g, c)>, affine_map<(n, g, c) -> (0, g, 0)>,
        affine_map<(n, g, c) -> (c)>, affine_map<(n, g, c) -> (n, g, c)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %m, %w : tensor<64x32x4xf32>, tensor<1x32x1xf32>, tensor<4xf32>) outs(%e : tensor<64x32x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    %1 = arith.mulf %0, %c : f32
    linalg.yield %1 : f32
  } -> tensor<64x32x4xf32>
  return %y : tensor<64x32x4xf32>
}

// -----

// What would be as large as the result stays, and so do rows that are long enough as they are.
// CHECK-LABEL: @stays
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
func.func @stays(%x: tensor<32x4xf32>, %m: tensor<32xf32>, %y: tensor<64x32x64xf32>) -> (tensor<32x4xf32>, tensor<64x32x64xf32>) {
  %e = tensor.empty() : tensor<32x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(g, c) -> (g, c)>, affine_map<(g, c) -> (g)>, affine_map<(g, c) -> (g, c)>],
        iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : tensor<32x4xf32>, tensor<32xf32>) outs(%e : tensor<32x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %1 = arith.subf %a, %b : f32
    linalg.yield %1 : f32
  } -> tensor<32x4xf32>
  %f = tensor.empty() : tensor<64x32x64xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(n, g, c) -> (n, g, c)>, affine_map<(n, g, c) -> (g)>, affine_map<(n, g, c) -> (n, g, c)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y, %m : tensor<64x32x64xf32>, tensor<32xf32>) outs(%f : tensor<64x32x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %3 = arith.subf %a, %b : f32
    linalg.yield %3 : f32
  } -> tensor<64x32x64xf32>
  return %0, %2 : tensor<32x4xf32>, tensor<64x32x64xf32>
}

// -----

// A column that every row reads is copied side by side; one that is read once is not.
// CHECK-LABEL: @column
func.func @column(%x: tensor<64x4xf32>, %y: tensor<32x64x4xf32>) -> tensor<32x64xf32> {
  // CHECK: %[[C:.*]] = tensor.extract_slice %x
  %c = tensor.extract_slice %x[0, 1] [64, 1] [1, 1] : tensor<64x4xf32> to tensor<64xf32>
  // CHECK: %[[D:.*]] = tensor.extract_slice %y
  %d = tensor.extract_slice %y[0, 0, 1] [32, 64, 1] [1, 1, 1] : tensor<32x64x4xf32> to tensor<32x64xf32>
  %e = tensor.empty() : tensor<32x64xf32>
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[C]] : tensor<64xf32>)
  // CHECK: linalg.generic {{.*}} ins(%[[R]], %[[D]] :
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%c, %d : tensor<64xf32>, tensor<32x64xf32>) outs(%e : tensor<32x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<32x64xf32>
  return %r : tensor<32x64xf32>
}

// -----

// The same where sizes are known at run time only.
// CHECK-LABEL: @column_of_unknown_length
func.func @column_of_unknown_length(%x: tensor<?x4xf32>, %y: tensor<?xf32>, %m: index, %n: index) -> tensor<?x?xf32> {
  // CHECK: %[[C:.*]] = tensor.extract_slice %x
  %c = tensor.extract_slice %x[0, 1] [%n, 1] [1, 1] : tensor<?x4xf32> to tensor<?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  // CHECK: %[[N:.*]] = tensor.dim %[[C]]
  // CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?xf32>
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[C]] : tensor<?xf32>) outs(%[[E]]
  // CHECK: linalg.generic {{.*}} ins(%[[R]], %y :
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%c, %y : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
