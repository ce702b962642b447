// RUN: %tfc-opt %s -p unroll-small-dims --split-input-file | filecheck %s

// A sum over two elements is elementwise; what it starts from is a scalar.

// CHECK-LABEL: @last
// CHECK-NOT: linalg.fill
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, 0)>, affine_map<(d0) -> (d0, 1)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x, %x : tensor<?x2xf32>, tensor<?x2xf32>)
// CHECK: ^{{.*}}(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[FIRST:.*]] = arith.addf %{{.*}}, %[[A]]
// CHECK-NEXT: %[[BOTH:.*]] = arith.addf %[[FIRST]], %[[B]]
// CHECK-NEXT: linalg.yield %[[BOTH]]
func.func @last(%x: tensor<?x2xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty(%n) : tensor<?xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<?xf32>) -> tensor<?xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<?x2xf32>) outs(%1 : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  return %2 : tensor<?xf32>
}

// -----

// What a sum starts from may be a tensor; the index of an unrolled loop is a number.

// CHECK-LABEL: @positions
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, 0)>, affine_map<(d0) -> (d0, 1)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>]
// CHECK-DAG: arith.constant 0 : index
// CHECK-DAG: arith.constant 1 : index
// CHECK-NOT: linalg.index 1
func.func @positions(%x: tensor<8x2xi64>, %start: tensor<8xi64>) -> tensor<8xi64> {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x2xi64>) outs(%start : tensor<8xi64>) {
  ^bb0(%a: i64, %o: i64):
    %i = linalg.index 1 : index
    %n = arith.index_cast %i : index to i64
    %m = arith.muli %a, %n : i64
    %s = arith.addi %o, %m : i64
    linalg.yield %s : i64
  } -> tensor<8xi64>
  return %0 : tensor<8xi64>
}

// -----

// Sums of columns that lie side by side come out of one loop.

// CHECK-LABEL: @columns
// CHECK: %[[S0:.*]], %[[S1:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, 0)>, affine_map<(d0) -> (d0, 1)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
// CHECK: %[[ONE:.*]] = tensor.insert_slice %[[S0]] into %{{.*}}[0] [1] [1] : tensor<f32> into tensor<2xf32>
// CHECK: %[[BOTH:.*]] = tensor.insert_slice %[[S1]] into %[[ONE]][1] [1] [1] : tensor<f32> into tensor<2xf32>
// CHECK: return %[[BOTH]]
func.func @columns(%x: tensor<100x2xf32>, %start: tensor<2xf32>) -> tensor<2xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<100x2xf32>) outs(%start : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// What has been put together is read in parts where another body reads it so.

// CHECK-LABEL: @parts
// CHECK: %[[S0:.*]], %[[S1:.*]] = linalg.generic
// CHECK-NOT: tensor.insert_slice
// CHECK: linalg.generic {{.*}} ins(%[[S0]], %[[S1]], %first : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
func.func @parts(%x: tensor<100x4x2xf32>, %start: tensor<4x2xf32>, %first: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>], iterator_types = ["reduction", "parallel", "parallel"]} ins(%x : tensor<100x4x2xf32>) outs(%start : tensor<4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<4x2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%0 : tensor<4x2xf32>) outs(%first : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.maximumf %o, %a : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Rows of three elements, each row one after the other, are one long loop as they are.

// CHECK-LABEL: @all
// CHECK: iterator_types = ["reduction", "reduction"]
func.func @all(%x: tensor<100x3xf32>, %start: tensor<f32>) -> tensor<f32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> ()>], iterator_types = ["reduction", "reduction"]} ins(%x : tensor<100x3xf32>) outs(%start : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}
