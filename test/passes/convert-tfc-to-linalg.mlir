// RUN: %tfc-opt %s -p convert-tfc-to-linalg | filecheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%x: tensor<3x4xf32>, %y: tensor<4xf32>) -> tensor<3x4xf32> {
  // CHECK: tensor.empty() : tensor<3x4xf32>
  // CHECK: linalg.generic
  // CHECK-SAME: ["parallel", "parallel"]
  // CHECK: arith.addf
  // CHECK-NOT: tfc.add
  %z = tfc.add %x, %y : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  func.return %z : tensor<3x4xf32>
}

// Rank 0 is scalar arithmetic, without loops.
// CHECK-LABEL: @scalar
func.func @scalar(%x: tensor<i32>) -> tensor<i32> {
  // CHECK: tensor.extract
  // CHECK: arith.subi
  // CHECK: tensor.from_elements
  // CHECK-NOT: linalg
  %z = tfc.negative %x : (tensor<i32>) -> tensor<i32>
  func.return %z : tensor<i32>
}

// Types are signless from here on.
// CHECK-LABEL: @unsigned
// CHECK-SAME: tensor<?xi8>
func.func @unsigned(%x: tensor<?xui8>) -> tensor<?xui8> {
  // CHECK: tensor.dim
  // CHECK: arith.muli
  %z = tfc.multiply %x, %x : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  func.return %z : tensor<?xui8>
}

// Along the last axis: the extremum, then the least position that has it. Both are vector reductions.
// CHECK-LABEL: @argmax_of_rows
func.func @argmax_of_rows(%x: tensor<8x100xf32>) -> tensor<8xi64> {
  // CHECK: %[[BEST:.*]] = linalg.generic
  // CHECK: arith.maximumf
  // CHECK: linalg.generic {{.*}} ins({{.*}}, %[[BEST]]
  // CHECK: arith.cmpf oeq
  // CHECK: arith.minsi {{.*}} : i32
  // CHECK: arith.extui {{.*}} : i32 to i64
  %r = tfc.argmax %x {axis = 1 : i64, dtype = i64} : (tensor<8x100xf32>) -> tensor<8xi64>
  func.return %r : tensor<8xi64>
}

// Rows that divide into lanes are read once: the best of each lane, then of the lanes; one long row in pieces.
// CHECK-LABEL: @argmax_of_long_row
func.func @argmax_of_long_row(%x: tensor<1048576xf32>) -> tensor<i64> {
  // CHECK: linalg.generic {{.*}} ins(%x, %{{.*}} : tensor<1048576xf32>, tensor<4096xi1>) outs({{.*}} : tensor<16x16xf32>, tensor<16x16xi32>)
  // CHECK: arith.cmpf ugt
  // CHECK: linalg.generic {{.*}} : tensor<16x16xf32>) outs({{.*}} : tensor<f32>)
  // CHECK: arith.minsi {{.*}} : i32
  %r = tfc.argmax %x {axis = 0 : i64, dtype = i64} : (tensor<1048576xf32>) -> tensor<i64>
  func.return %r : tensor<i64>
}

// Along another one value and position run together, and neither is a select of its old value.
// CHECK-LABEL: @argmax_of_columns
func.func @argmax_of_columns(%x: tensor<8x100xf32>) -> tensor<100xi32> {
  // CHECK: linalg.generic
  // CHECK: arith.cmpf ugt
  // CHECK: arith.maximumf
  // CHECK: arith.maxsi {{.*}} : i32
  // CHECK-NOT: linalg.generic
  %r = tfc.argmax %x {axis = 0 : i64, dtype = i32} : (tensor<8x100xf32>) -> tensor<100xi32>
  func.return %r : tensor<100xi32>
}

// A spread input (the gradient of stride 2): even and odd places are convolutions of their own with the taps that meet elements.
// CHECK-LABEL: @spread
func.func @spread(%x: tensor<4x5xf32>, %y: tensor<3x5x6xf32>) -> tensor<9x6xf32> {
  // CHECK: tensor.insert_slice %x into {{.*}} : tensor<4x5xf32> into tensor<6x5xf32>
  // CHECK: tensor.extract_slice %y[0, 0, 0] [2, 5, 6] [2, 1, 1]
  // CHECK: linalg.generic
  // CHECK-SAME: (((d2 * -1) + (d0 + 1)), d3)
  // CHECK: tensor.insert_slice {{.*}}[0, 0] [5, 6] [2, 1]
  // CHECK: tensor.extract_slice %y[1, 0, 0] [1, 5, 6] [2, 1, 1]
  // CHECK: linalg.generic
  // CHECK: tensor.insert_slice {{.*}}[1, 0] [4, 6] [2, 1]
  %z = tfc.convolution %x, %y {x_labels = array<i64: -1, 3>, y_labels = array<i64: 2, 3, 4>, out_labels = array<i64: 1, 4>, windows = [array<i64: 1, 2, 1, -1, 0, 2>], window_sizes = array<i64: 9>} : (tensor<4x5xf32>, tensor<3x5x6xf32>) -> tensor<9x6xf32>
  func.return %z : tensor<9x6xf32>
}

// A window over single channels is spelled out: no reduction, an operand for each tap.
// CHECK-LABEL: @depthwise
func.func @depthwise(%x: tensor<5x8xf32>, %y: tensor<2x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NOT: linalg.fill
  // CHECK: linalg.generic
  // CHECK-SAME: ["parallel", "parallel"]
  // CHECK-COUNT-2: arith.mulf
  // CHECK: linalg.yield
  %z = tfc.convolution %x, %y {x_labels = array<i64: -1, 3>, y_labels = array<i64: 2, 3>, out_labels = array<i64: 1, 3>, windows = [array<i64: 1, 2, 1, 1, 0, 1>], window_sizes = array<i64: 4>} : (tensor<5x8xf32>, tensor<2x8xf32>) -> tensor<4x8xf32>
  func.return %z : tensor<4x8xf32>
}

// -----

// Channels before what the window walks are moved to the end, and back.

// CHECK-LABEL: @channels_first
// CHECK: linalg.generic {{.*}} ins(%x : tensor<32x9xf32>) outs(%{{.*}} : tensor<9x32xf32>)
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins(%{{.*}} : tensor<9x32xf32>, tensor<3x32x16xf32>) outs(%{{.*}} : tensor<7x16xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<16x7xf32>)
func.func @channels_first(%x: tensor<32x9xf32>, %y: tensor<3x32x16xf32>) -> tensor<16x7xf32> {
  %z = tfc.convolution %x, %y {x_labels = array<i64: 3, -1>, y_labels = array<i64: 2, 3, 4>, out_labels = array<i64: 4, 1>, windows = [array<i64: 1, 2, 1, 1, 0, 1>], window_sizes = array<i64: 7>} : (tensor<32x9xf32>, tensor<3x32x16xf32>) -> tensor<16x7xf32>
  return %z : tensor<16x7xf32>
}

// Four rows are added up side by side; along columns a block of totals.
// CHECK-LABEL: @cumsum_of_rows
func.func @cumsum_of_rows(%x: tensor<30x50xf32>) -> tensor<30x50xf32> {
  // CHECK: scf.for {{.*}} -> (tensor<30x50xf32>)
  // CHECK: scf.for {{.*}} -> (tensor<30x50xf32>, f32, f32, f32, f32)
  // CHECK-COUNT-4: arith.addf
  // CHECK: {tfc.parallel}
  %r = tfc.cumsum %x {axis = 1 : i64, exclusive = false, reverse = false} : (tensor<30x50xf32>) -> tensor<30x50xf32>
  func.return %r : tensor<30x50xf32>
}

// CHECK-LABEL: @cumsum_of_columns
func.func @cumsum_of_columns(%x: tensor<30x5000xf32>) -> tensor<30x5000xf32> {
  // CHECK: linalg.fill {{.*}} -> tensor<1024xf32>
  // CHECK: scf.for {{.*}} -> (tensor<30x5000xf32>, tensor<1024xf32>)
  // CHECK: {tfc.parallel}
  %r = tfc.cumsum %x {axis = 0 : i64, exclusive = false, reverse = false} : (tensor<30x5000xf32>) -> tensor<30x5000xf32>
  func.return %r : tensor<30x5000xf32>
}

// Counted row by row, then filled without a branch on the data.
// CHECK-LABEL: @where
func.func @where(%x: tensor<30x50xf32>) -> tensor<?x2xi64> {
  // CHECK: tensor.empty() : tensor<31xindex>
  // CHECK: {tfc.parallel}
  // CHECK: tensor.empty({{.*}}) : tensor<?x2xi64>
  // CHECK: scf.while
  // CHECK-NOT: scf.if
  // CHECK: {tfc.parallel}
  %r = tfc.nonzero %x : (tensor<30x50xf32>) -> tensor<?x2xi64>
  func.return %r : tensor<?x2xi64>
}

// Many entries for few places: tables for each piece and chain, combined at the end.
// CHECK-LABEL: @segment_sum
func.func @segment_sum(%x: tensor<10xf32>, %i: tensor<4000xi32>, %u: tensor<4000xf32>) -> tensor<10xf32> {
  // CHECK: linalg.fill {{.*}} -> tensor<4x4x10xf32>
  // CHECK: scf.for {{.*}} -> (tensor<4x4x10xf32>)
  // CHECK-COUNT-4: arith.addf
  // CHECK: {tfc.parallel}
  // CHECK: scf.for {{.*}} -> (tensor<10xf32>)
  // CHECK: scf.for {{.*}} -> (f32)
  // CHECK: tensor.insert {{.*}} : tensor<10xf32>
  // CHECK: {tfc.parallel}
  %r = tfc.scatter_along %x, %i, %u {axis = 0 : i64, batch_dims = 0 : i64, combiner = "add", negative = "drop"} : (tensor<10xf32>, tensor<4000xi32>, tensor<4000xf32>) -> tensor<10xf32>
  func.return %r : tensor<10xf32>
}

// Short rows go through a sorting network, eight at a time; the last distances are written out.
// CHECK-LABEL: @sort_short_rows
func.func @sort_short_rows(%x: tensor<20x50xf32>) -> tensor<20x50xf32> {
  // CHECK: scf.for
  // CHECK: tensor.empty() : tensor<56xvector<8xi32>>
  // CHECK: vector.from_elements
  // CHECK: arith.minsi {{.*}} : vector<8xi32>
  // CHECK: arith.maxsi {{.*}} : vector<8xi32>
  // CHECK: vector.to_elements
  // CHECK: {tfc.parallel}
  %r = tfc.sort %x {descending = false} : (tensor<20x50xf32>) -> tensor<20x50xf32>
  func.return %r : tensor<20x50xf32>
}

// Long ones are sorted by their digits, with positions below 32-bit keys in the same word.
// CHECK-LABEL: @argsort_long_row
func.func @argsort_long_row(%x: tensor<9000xi32>) -> tensor<9000xi32> {
  // CHECK: linalg.fill {{.*}} -> tensor<4x256xi32>
  // CHECK: arith.shli
  // CHECK: tensor.insert {{.*}} : tensor<2x9000xi64>
  // CHECK: scf.if
  // CHECK: arith.andi %{{.*}}, %{{.*}} : i64
  // CHECK: arith.trunci {{.*}} : i64 to i32
  %r = tfc.argsort %x {descending = false, dtype = i32} : (tensor<9000xi32>) -> tensor<9000xi32>
  func.return %r : tensor<9000xi32>
}

// Only the first few: blocks are compared with the last of these, and what comes before it is put among them.
// CHECK-LABEL: @first_of_long_row
func.func @first_of_long_row(%x: tensor<9000xf32>) -> tensor<4xi32> {
  // CHECK: tensor.empty() : tensor<1x4xi64>
  // CHECK: scf.while
  // CHECK: arith.cmpf uge
  // CHECK: arith.cmpi ult
  %r = tfc.argsort %x {descending = true, dtype = i32, most = 4 : i64} : (tensor<9000xf32>) -> tensor<4xi32>
  func.return %r : tensor<4xi32>
}

// Sizes of 1 get no loop: this is a product of a matrix and a vector.
// CHECK-LABEL: @one_column
func.func @one_column(%x: tensor<8x5xf32>, %y: tensor<8x1xf32>) -> tensor<5x1xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d1, 0)>, affine_map<(d0, d1) -> (d0)>]
  // CHECK: tensor.expand_shape
  %z = tfc.matmul %x, %y {transpose_x = true, transpose_y = false} : (tensor<8x5xf32>, tensor<8x1xf32>) -> tensor<5x1xf32>
  func.return %z : tensor<5x1xf32>
}

// Powers that are known are products and roots.
// CHECK-LABEL: @known_powers
func.func @known_powers(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  // CHECK: %[[SQUARE:.*]] = arith.mulf %[[X:.*]], %[[X]]
  // CHECK: arith.mulf %[[SQUARE]], %[[X]]
  %three = arith.constant dense<3.0> : tensor<f32>
  %0 = tfc.pow %x, %three : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  // CHECK: math.sqrt
  // CHECK: arith.divf
  %inverse = arith.constant dense<-0.5> : tensor<f32>
  %1 = tfc.pow %x, %inverse : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  // CHECK: math.powf
  %other = arith.constant dense<2.5> : tensor<f32>
  %2 = tfc.pow %x, %other : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  func.return %0, %1, %2 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

// A search goes on without branches: what it finds is random.
// CHECK-LABEL: @search
func.func @search(%x: tensor<100xf32>, %v: tensor<20xf32>) -> tensor<20xi32> {
  // CHECK: arith.cmpf
  // CHECK: arith.select {{.*}} {tfc.unpredictable}
  %r = tfc.searchsorted %x, %v {side = "right", dtype = i32} : (tensor<100xf32>, tensor<20xf32>) -> tensor<20xi32>
  func.return %r : tensor<20xi32>
}

// Indices that are known to be inside by what they come from are not checked.

// CHECK-LABEL: @clipped
// CHECK-NOT: cf.assert
// CHECK: return
func.func @clipped(%x: tensor<100xf32>, %i: tensor<9xi32>) -> tensor<9xf32> {
  %low = arith.constant dense<1> : tensor<i32>
  %high = arith.constant dense<100> : tensor<i32>
  %0 = tfc.minimum %i, %high : (tensor<9xi32>, tensor<i32>) -> tensor<9xi32>
  %1 = tfc.maximum %0, %low : (tensor<9xi32>, tensor<i32>) -> tensor<9xi32>
  %2 = tfc.subtract %1, %low : (tensor<9xi32>, tensor<i32>) -> tensor<9xi32>
  %3 = tfc.gather %x, %2 {axis = 0 : i64, batch_dims = 0 : i64, negative = "error"} : (tensor<100xf32>, tensor<9xi32>) -> tensor<9xf32>
  return %3 : tensor<9xf32>
}

// CHECK-LABEL: @bytes
// CHECK-NOT: cf.assert
// CHECK: return
func.func @bytes(%x: tensor<256xf32>, %b: tensor<9xui8>) -> tensor<9xf32> {
  %0 = tfc.cast %b {dtype = i32} : (tensor<9xui8>) -> tensor<9xi32>
  %1 = tfc.gather %x, %0 {axis = 0 : i64, batch_dims = 0 : i64, negative = "error"} : (tensor<256xf32>, tensor<9xi32>) -> tensor<9xf32>
  return %1 : tensor<9xf32>
}

// One too many, and a sum that may wrap around.

// CHECK-LABEL: @outside
// CHECK-COUNT-2: cf.assert
func.func @outside(%x: tensor<255xf32>, %b: tensor<9xui8>, %c: tensor<9xi8>) -> (tensor<9xf32>, tensor<9xf32>) {
  %0 = tfc.cast %b {dtype = i32} : (tensor<9xui8>) -> tensor<9xi32>
  %1 = tfc.gather %x, %0 {axis = 0 : i64, batch_dims = 0 : i64, negative = "error"} : (tensor<255xf32>, tensor<9xi32>) -> tensor<9xf32>
  %one = arith.constant dense<1> : tensor<i8>
  %zero = arith.constant dense<0> : tensor<i8>
  %2 = tfc.maximum %c, %zero : (tensor<9xi8>, tensor<i8>) -> tensor<9xi8>
  %3 = tfc.add %2, %one : (tensor<9xi8>, tensor<i8>) -> tensor<9xi8>
  %4 = tfc.gather %x, %3 {axis = 0 : i64, batch_dims = 0 : i64, negative = "error"} : (tensor<255xf32>, tensor<9xi8>) -> tensor<9xf32>
  return %1, %4 : tensor<9xf32>, tensor<9xf32>
}
