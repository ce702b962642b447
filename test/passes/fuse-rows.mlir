// RUN: %tfc-opt %s -p 'fuse-rows{min-bytes=0}' --split-input-file | filecheck %s

// Softmax without its division: the maximum, the powers and their sum of one row after the other.

// CHECK-LABEL: @rows
// CHECK: %[[Y:.*]], %[[S:.*]] = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[OUT:.*]] = %{{.*}}, %[[SUMS:.*]] = %{{.*}})
// CHECK: %[[ROW:.*]] = tensor.extract_slice %x[%[[I]], 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<64xf32>
// CHECK: linalg.generic {{.*}} iterator_types = ["reduction"]} ins(%[[ROW]] : tensor<64xf32>)
// CHECK: arith.maximumf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK-DAG: tensor.insert_slice %{{.*}} into %[[OUT]][%[[I]], 0]
// CHECK-DAG: tensor.insert_slice %{{.*}} into %[[SUMS]][%[[I]]]
// CHECK: } {tfc.parallel}
func.func @rows(%x: tensor<8x64xf32>) -> (tensor<8x64xf32>, tensor<8xf32>) {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<8xf32>
  %1 = linalg.fill ins(%low : f32) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%1 : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<8xf32>
  %2 = tensor.empty() : tensor<8x64xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %m : tensor<8x64xf32>, tensor<8xf32>) outs(%2 : tensor<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    %f = math.exp %d : f32
    linalg.yield %f : f32
  } -> tensor<8x64xf32>
  %3 = linalg.fill ins(%zero : f32) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%e : tensor<8x64xf32>) outs(%3 : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<8xf32>
  return %e, %s : tensor<8x64xf32>, tensor<8xf32>
}

// -----

// A sum over the first dim has no rows to share.

// CHECK-LABEL: @columns
// CHECK-NOT: scf.for
// CHECK: return
func.func @columns(%x: tensor<8x64xf32>, %init: tensor<64xf32>) -> tensor<8x64xf32> {
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<8x64xf32>) outs(%init : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<64xf32>
  %2 = tensor.empty() : tensor<8x64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<8x64xf32>, tensor<64xf32>) outs(%2 : tensor<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<8x64xf32>
  return %y : tensor<8x64xf32>
}

// -----

// An op that reads another one's result by index needs it whole: they are not in one loop.

// CHECK-LABEL: @by_index
// CHECK-NOT: scf.for
// CHECK: tensor.extract %y
func.func @by_index(%x: tensor<8x64xf32>, %init: tensor<8xf32>, %zero: index) -> tensor<8x64xf32> {
  %0 = tensor.empty() : tensor<8x64xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%init : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<8xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<8x64xf32>, tensor<8xf32>) outs(%0 : tensor<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<8x64xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<8x64xf32>) outs(%0 : tensor<8x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %i = linalg.index 1 : index
    %e = tensor.extract %y[%zero, %i] : tensor<8x64xf32>
    %d = arith.mulf %a, %e : f32
    linalg.yield %d : f32
  } -> tensor<8x64xf32>
  return %z : tensor<8x64xf32>
}

// -----

#q = affine_map<(b, i, j, k) -> (b, i, k)>
#k = affine_map<(b, i, j, k) -> (b, j, k)>
#s = affine_map<(b, i, j, k) -> (b, i, j)>
#v = affine_map<(b, i, j, k) -> (b, k, j)>
#whole = affine_map<(b, i, j) -> (b, i, j)>
#row = affine_map<(b, i, j) -> (b, i)>

// Products of batches of matrices with what lies between them: matrix by matrix. The rows inside take the place of the scores.

// CHECK-LABEL: @attention
// CHECK-NOT: linalg.fill
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args
// CHECK: tensor.extract_slice %q[%[[I]], 0, 0] [1, 256, 64]
// CHECK: linalg.fill
// CHECK: %[[SCORES:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<256x256xf32>)
// CHECK: scf.for {{.*}} iter_args(%[[ROWS:.*]] = %[[SCORES]])
// CHECK: tensor.extract_slice %[[ROWS]]
// CHECK: tensor.insert_slice %{{.*}} into %[[ROWS]]
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<256x64xf32>)
// CHECK: tensor.insert_slice
// CHECK: tfc.parallel
func.func @attention(%q: tensor<8x256x64xf32>, %k: tensor<8x256x64xf32>, %v: tensor<8x256x64xf32>) -> tensor<8x256x64xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<8x256x256xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<8x256x256xf32>) -> tensor<8x256x256xf32>
  %scores = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<8x256x64xf32>, tensor<8x256x64xf32>) outs(%1 : tensor<8x256x256xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<8x256x256xf32>
  %2 = tensor.empty() : tensor<8x256xf32>
  %3 = linalg.fill ins(%zero : f32) outs(%2 : tensor<8x256xf32>) -> tensor<8x256xf32>
  %sums = linalg.generic {indexing_maps = [#whole, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores : tensor<8x256x256xf32>) outs(%3 : tensor<8x256xf32>) {
  ^bb0(%a: f32, %o: f32):
    %t = arith.addf %o, %a : f32
    linalg.yield %t : f32
  } -> tensor<8x256xf32>
  %4 = tensor.empty() : tensor<8x256x256xf32>
  %weights = linalg.generic {indexing_maps = [#whole, #row, #whole], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores, %sums : tensor<8x256x256xf32>, tensor<8x256xf32>) outs(%4 : tensor<8x256x256xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %t = arith.divf %a, %b : f32
    linalg.yield %t : f32
  } -> tensor<8x256x256xf32>
  %5 = tensor.empty() : tensor<8x256x64xf32>
  %6 = linalg.fill ins(%zero : f32) outs(%5 : tensor<8x256x64xf32>) -> tensor<8x256x64xf32>
  %7 = linalg.generic {indexing_maps = [#q, #v, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<8x256x256xf32>, tensor<8x256x64xf32>) outs(%6 : tensor<8x256x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<8x256x64xf32>
  return %7 : tensor<8x256x64xf32>
}

// -----

// A matrix of 1 MB is cut into blocks of 128 rows. The heads lie between rows and columns; what all blocks read is extracted
// before them.

#query = affine_map<(h, i, j, d) -> (i, h, d)>
#key = affine_map<(h, i, j, d) -> (j, h, d)>
#scores = affine_map<(h, i, j, d) -> (h, i, j)>
#weights = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (j, h, d)>
#out = affine_map<(h, i, d, j) -> (i, h, d)>
#all = affine_map<(h, i, j) -> (h, i, j)>

// CHECK-LABEL: @blocks_of_rows
// CHECK: scf.for %[[H:.*]] = {{.*}} step %c1
// CHECK: tensor.extract_slice %k[0, %[[H]], 0] [512, 1, 64]
// CHECK: tensor.extract_slice %v[0, %[[H]], 0] [512, 1, 64]
// CHECK: scf.for %[[START:.*]] = {{.*}} step %c128
// CHECK: tensor.extract_slice %q[%[[START]], %[[H]], 0] [128, 1, 64]
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<128x512xf32>)
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: arith.addi %[[START]], %[[I]]
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%[[START]], %[[H]], 0] [128, 1, 64]
func.func @blocks_of_rows(%q: tensor<512x8x64xf32>, %k: tensor<512x8x64xf32>, %v: tensor<512x8x64xf32>) -> tensor<512x8x64xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<8x512x512xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<8x512x512xf32>) -> tensor<8x512x512xf32>
  %scores = linalg.generic {indexing_maps = [#query, #key, #scores], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<512x8x64xf32>, tensor<512x8x64xf32>) outs(%1 : tensor<8x512x512xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<8x512x512xf32>
  %masked = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores : tensor<8x512x512xf32>) outs(%0 : tensor<8x512x512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %seen = arith.cmpi sge, %i, %j : index
    %t = arith.select %seen, %a, %zero : f32
    linalg.yield %t : f32
  } -> tensor<8x512x512xf32>
  %2 = tensor.empty() : tensor<512x8x64xf32>
  %3 = linalg.fill ins(%zero : f32) outs(%2 : tensor<512x8x64xf32>) -> tensor<512x8x64xf32>
  %4 = linalg.generic {indexing_maps = [#weights, #value, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%masked, %v : tensor<8x512x512xf32>, tensor<512x8x64xf32>) outs(%3 : tensor<512x8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<512x8x64xf32>
  return %4 : tensor<512x8x64xf32>
}

// -----

// A window over images with a border: the border of an image is made for a band of its rows, and what lies in the band is copied.

// CHECK-LABEL: @padded
// CHECK-NOT: tensor<4x34x66x32xf32>
// CHECK: scf.for %[[N:.*]] = %{{.*}} iter_args(%[[OUT:.*]] =
// CHECK: scf.for %[[TOP:.*]] = %{{.*}} iter_args
// CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<18x66x32xf32>
// CHECK: tensor.insert_slice %{{.*}} into %[[EMPTY]][0, 0, 0] [18, 66, 32]
// CHECK: %[[ROWS:.*]] = tensor.extract_slice %x[%[[N]], %{{.*}}, 0, 0] [1, %[[COUNT:.*]], 64, 32]
// CHECK: %[[BAND:.*]] = tensor.insert_slice %[[ROWS]] into %{{.*}}[%{{.*}}, 1, 0] [%[[COUNT]], 64, 32]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%[[BAND]]
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%[[N]], %[[TOP]], 0, 0] [1, 16, 64, 32]
// CHECK: } {tfc.parallel}
func.func @padded(%x: tensor<4x32x64x32xf32>, %w: tensor<3x32xf32>) -> tensor<4x32x64x32xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<4x34x66x32xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<4x34x66x32xf32>) -> tensor<4x34x66x32xf32>
  %2 = tensor.empty() : tensor<4x34x66x32xf32>
  %3 = tensor.insert_slice %1 into %2[0, 0, 0, 0] [4, 34, 66, 32] [1, 1, 1, 1] : tensor<4x34x66x32xf32> into tensor<4x34x66x32xf32>
  %4 = tensor.insert_slice %x into %3[0, 1, 1, 0] [4, 32, 64, 32] [1, 1, 1, 1] : tensor<4x32x64x32xf32> into tensor<4x34x66x32xf32>
  %5 = tensor.empty() : tensor<4x32x64x32xf32>
  %6 = linalg.fill ins(%zero : f32) outs(%5 : tensor<4x32x64x32xf32>) -> tensor<4x32x64x32xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 + d4, d2 + 1, d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d4, d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%4, %w : tensor<4x34x66x32xf32>, tensor<3x32xf32>) outs(%6 : tensor<4x32x64x32xf32>) {
  ^bb0(%a: f32, %b: f32, %t: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %t, %p fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<4x32x64x32xf32>
  return %y : tensor<4x32x64x32xf32>
}
