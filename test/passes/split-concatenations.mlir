// RUN: %tfc-opt %s -p split-concatenations --split-input-file | filecheck %s

// The neighbour in a ring: the operand is never put together.

// CHECK-LABEL: @ring
// CHECK-NOT: tensor<2048xf32> into tensor<2048xf32>
// CHECK: %[[LAST:.*]] = tensor.extract_slice %x[2047] [1] [1]
// CHECK: %[[X0:.*]] = tensor.extract_slice %x[0] [1] [1]
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%[[X0]], %[[LAST]] : tensor<1xf32>, tensor<1xf32>)
// CHECK: %[[R:.*]] = tensor.insert_slice %[[A]] into %{{.*}}[0] [1] [1]
// CHECK: %[[X1:.*]] = tensor.extract_slice %x[1] [2047] [1]
// CHECK: %[[B:.*]] = linalg.generic {{.*}} ins(%[[X1]], %{{.*}} : tensor<2047xf32>, tensor<2047xf32>)
// CHECK: %[[S:.*]] = tensor.insert_slice %[[B]] into %[[R]][1] [2047] [1]
// CHECK: return %[[S]]
func.func @ring(%x: tensor<2048xf32>) -> tensor<2048xf32> {
  %a = tensor.extract_slice %x[2047] [1] [1] : tensor<2048xf32> to tensor<1xf32>
  %b = tensor.extract_slice %x[0] [2047] [1] : tensor<2048xf32> to tensor<2047xf32>
  %e = tensor.empty() : tensor<2048xf32>
  %r0 = tensor.insert_slice %a into %e[0] [1] [1] : tensor<1xf32> into tensor<2048xf32>
  %r = tensor.insert_slice %b into %r0[1] [2047] [1] : tensor<2047xf32> into tensor<2048xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x, %r : tensor<2048xf32>, tensor<2048xf32>) outs(%e : tensor<2048xf32>) {
  ^bb0(%0: f32, %1: f32, %2: f32):
    %3 = arith.addf %0, %1 : f32
    linalg.yield %3 : f32
  } -> tensor<2048xf32>
  return %y : tensor<2048xf32>
}

// -----

// Along the second axis, of an operand that is read transposed; what does not know the axis stays whole.

// CHECK-LABEL: @transposed
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %v : tensor<63x40xf32>, tensor<40xf32>) outs(%{{.*}} : tensor<40x63xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [40, 63] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %v : tensor<1x40xf32>, tensor<40xf32>) outs(%{{.*}} : tensor<40x1xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 63] [40, 1] [1, 1]
func.func @transposed(%x: tensor<64x40xf32>, %v: tensor<40xf32>) -> tensor<40x64xf32> {
  %a = tensor.extract_slice %x[1, 0] [63, 40] [1, 1] : tensor<64x40xf32> to tensor<63x40xf32>
  %b = tensor.extract_slice %x[0, 0] [1, 40] [1, 1] : tensor<64x40xf32> to tensor<1x40xf32>
  %e = tensor.empty() : tensor<64x40xf32>
  %r0 = tensor.insert_slice %b into %e[63, 0] [1, 40] [1, 1] : tensor<1x40xf32> into tensor<64x40xf32>
  %r = tensor.insert_slice %a into %r0[0, 0] [63, 40] [1, 1] : tensor<63x40xf32> into tensor<64x40xf32>
  %o = tensor.empty() : tensor<40x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%r, %v : tensor<64x40xf32>, tensor<40xf32>) outs(%o : tensor<40x64xf32>) {
  ^bb0(%0: f32, %1: f32, %2: f32):
    %3 = arith.mulf %0, %1 : f32
    linalg.yield %3 : f32
  } -> tensor<40x64xf32>
  return %y : tensor<40x64xf32>
}

// -----

// What is needed as a whole as well is put together once.

// CHECK-LABEL: @whole
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<2048xf32>)
func.func @whole(%x: tensor<2048xf32>) -> (tensor<2048xf32>, tensor<2048xf32>) {
  %a = tensor.extract_slice %x[2047] [1] [1] : tensor<2048xf32> to tensor<1xf32>
  %b = tensor.extract_slice %x[0] [2047] [1] : tensor<2048xf32> to tensor<2047xf32>
  %e = tensor.empty() : tensor<2048xf32>
  %r0 = tensor.insert_slice %a into %e[0] [1] [1] : tensor<1xf32> into tensor<2048xf32>
  %r = tensor.insert_slice %b into %r0[1] [2047] [1] : tensor<2047xf32> into tensor<2048xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%r : tensor<2048xf32>) outs(%e : tensor<2048xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.negf %0 : f32
    linalg.yield %2 : f32
  } -> tensor<2048xf32>
  return %y, %r : tensor<2048xf32>, tensor<2048xf32>
}

// -----

// A hole between the parts, a body that asks where it is, few elements: all stay.

// CHECK-LABEL: @others
// CHECK-COUNT-3: linalg.generic
// CHECK-NOT: linalg.generic
func.func @others(%x: tensor<2048xf32>, %s: tensor<8xf32>) -> (tensor<2048xf32>, tensor<2048xf32>, tensor<8xf32>) {
  %a = tensor.extract_slice %x[2047] [1] [1] : tensor<2048xf32> to tensor<1xf32>
  %b = tensor.extract_slice %x[0] [2046] [1] : tensor<2048xf32> to tensor<2046xf32>
  %c = tensor.extract_slice %x[0] [2047] [1] : tensor<2048xf32> to tensor<2047xf32>
  %e = tensor.empty() : tensor<2048xf32>
  %r0 = tensor.insert_slice %a into %e[0] [1] [1] : tensor<1xf32> into tensor<2048xf32>
  %r = tensor.insert_slice %b into %r0[2] [2046] [1] : tensor<2046xf32> into tensor<2048xf32>
  %q0 = tensor.insert_slice %a into %e[0] [1] [1] : tensor<1xf32> into tensor<2048xf32>
  %q = tensor.insert_slice %c into %q0[1] [2047] [1] : tensor<2047xf32> into tensor<2048xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%r : tensor<2048xf32>) outs(%e : tensor<2048xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.negf %0 : f32
    linalg.yield %2 : f32
  } -> tensor<2048xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%q : tensor<2048xf32>) outs(%e : tensor<2048xf32>) {
  ^bb0(%0: f32, %1: f32):
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i64
    %f = arith.sitofp %n : i64 to f32
    %2 = arith.addf %0, %f : f32
    linalg.yield %2 : f32
  } -> tensor<2048xf32>
  %u = tensor.extract_slice %s[7] [1] [1] : tensor<8xf32> to tensor<1xf32>
  %v = tensor.extract_slice %s[0] [7] [1] : tensor<8xf32> to tensor<7xf32>
  %g = tensor.empty() : tensor<8xf32>
  %w0 = tensor.insert_slice %u into %g[0] [1] [1] : tensor<1xf32> into tensor<8xf32>
  %w1 = tensor.insert_slice %v into %w0[1] [7] [1] : tensor<7xf32> into tensor<8xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%w1 : tensor<8xf32>) outs(%g : tensor<8xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.negf %0 : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  return %y, %z, %w : tensor<2048xf32>, tensor<2048xf32>, tensor<8xf32>
}
