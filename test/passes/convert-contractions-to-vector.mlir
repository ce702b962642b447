// RUN: %tfc-opt %s -p convert-contractions-to-vector --split-input-file | filecheck %s

// A product of whole tiles: loops around one kernel, the fill of zeros taken in.

// CHECK-LABEL: @matmul
// CHECK-NOT: linalg.fill
// CHECK: func.call @tfc_contraction_0(%a, %b, %c)
// CHECK: func.func private @tfc_contraction_0(
// CHECK: scf.for
// CHECK: func.call @tfc_tile_f32_6x2x8(
// CHECK-NOT: masked
// CHECK: func.func private @tfc_tile_f32_6x2x8(
// CHECK-SAME: passthrough = ["noinline"]
// CHECK: scf.for
// CHECK-COUNT-12: memref.prefetch
// CHECK: scf.for
// CHECK-COUNT-2: vector.load
// CHECK-COUNT-12: vector.fma
func.func @matmul(%a: memref<12x8xf32>, %b: memref<8x32xf32>, %c: memref<12x32xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<12x32xf32>)
  linalg.matmul ins(%a, %b : memref<12x8xf32>, memref<8x32xf32>) outs(%c : memref<12x32xf32>)
  return
}

// -----

// Rows that fill a shorter vector: nothing is masked.

// CHECK-LABEL: @four_columns
// CHECK: func.call @tfc_tile_f32_6x1x4(
// CHECK-NOT: masked
// CHECK: vector.fma {{.*}} : vector<4xf32>
func.func @four_columns(%a: memref<12x8xf32>, %b: memref<8x4xf32>, %c: memref<12x4xf32>) {
  linalg.matmul ins(%a, %b : memref<12x8xf32>, memref<8x4xf32>) outs(%c : memref<12x4xf32>)
  return
}

// -----

// Edges: the last rows get lower tiles, none so low that the units idle. Fewer columns get a kernel that writes under a mask, and
// reads a panel that is filled up with zeros.

// CHECK-LABEL: @edges
// CHECK-DAG: func.call @tfc_pack_across_f32_10x8_in_16(
// CHECK-DAG: func.func private @tfc_tile_f32_4x2x8_masked(
// CHECK-DAG: func.func private @tfc_tile_f32_3x2x8_masked(
// CHECK-DAG: vector.create_mask
// CHECK-DAG: vector.maskedload
// CHECK-DAG: vector.maskedstore
func.func @edges(%a: memref<7x8xf32>, %b: memref<8x10xf32>, %c: memref<7x10xf32>) {
  linalg.matmul ins(%a, %b : memref<7x8xf32>, memref<8x10xf32>) outs(%c : memref<7x10xf32>)
  return
}

// -----

// A strided second operand is copied into panels, in squares that are transposed in registers.

// CHECK-LABEL: @transposed
// CHECK: %[[PANELS:.*]] = memref.alloc() {{.*}} : memref<2x8x16xf32>
// CHECK: %[[PANEL:.*]] = memref.reinterpret_cast %[[PANELS]]
// CHECK: func.call @tfc_pack_along_f32_16x8(%{{.*}}, %[[PANEL]], %c1,
// CHECK: memref.reinterpret_cast %[[PANELS]]
// CHECK: func.call @tfc_tile_f32_6x2x8(
// CHECK: memref.dealloc %[[PANELS]]
// CHECK: func.func private @tfc_pack_along_f32_16x8(%[[SOURCE:[0-9]+]]: {{.*}}, %[[TARGET:[0-9]+]]: memref
// CHECK-SAME: passthrough = ["noinline"]
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK-COUNT-8: vector.load %[[SOURCE]]
// CHECK: "vector.transpose"
// CHECK-COUNT-8: vector.store %{{.*}}, %[[TARGET]]
// CHECK-NOT: "vector.transpose"
func.func @transposed(%a: memref<12x8xf32>, %b: memref<32x8xf32>, %c: memref<12x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<12x8xf32>, memref<32x8xf32>) outs(%c : memref<12x32xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A convolution runs the kernel once for each row of the filter, on the input as it is.

// CHECK-LABEL: @convolution
// CHECK-NOT: memref.alloc
// CHECK: func.call @tfc_tile_f32_6x2x8(
func.func @convolution(%x: memref<1x8x8x16xf32>, %w: memref<3x3x16x16xf32>, %y: memref<1x6x6x16xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, w, o, i, j, c) -> (n, h + i, w + j, c)>, affine_map<(n, h, w, o, i, j, c) -> (i, j, c, o)>, affine_map<(n, h, w, o, i, j, c) -> (n, h, w, o)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %w : memref<1x8x8x16xf32>, memref<3x3x16x16xf32>) outs(%y : memref<1x6x6x16xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A small product with a vector stays as it is.

// CHECK-LABEL: @matvec
// CHECK: linalg.generic
func.func @matvec(%a: memref<12x8xf32>, %b: memref<8xf32>, %c: memref<12xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>], iterator_types = ["parallel", "reduction"]} ins(%a, %b : memref<12x8xf32>, memref<8xf32>) outs(%c : memref<12xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// Two products of one shape share a function.

// CHECK-LABEL: @shared
// CHECK-COUNT-2: func.call @tfc_contraction_0(
// CHECK-COUNT-1: func.func private @tfc_contraction_
// CHECK-NOT: @tfc_contraction_1
func.func @shared(%a: memref<12x12xf32>, %b: memref<12x12xf32>, %c: memref<12x12xf32>) {
  linalg.matmul ins(%a, %b : memref<12x12xf32>, memref<12x12xf32>) outs(%c : memref<12x12xf32>)
  linalg.matmul ins(%b, %a : memref<12x12xf32>, memref<12x12xf32>) outs(%c : memref<12x12xf32>)
  return
}

// -----

// Into a view of a larger buffer: every other row of it.

// CHECK-LABEL: @into_view
// CHECK: func.func private @tfc_contraction_0({{.*}}strided<[64, 1], offset: 32>>
// CHECK: func.call @tfc_tile_f32
func.func @into_view(%a: memref<12x8xf32>, %b: memref<8x32xf32>, %c: memref<24x32xf32>) {
  %view = memref.subview %c[1, 0] [12, 32] [2, 1] : memref<24x32xf32> to memref<12x32xf32, strided<[64, 1], offset: 32>>
  linalg.matmul ins(%a, %b : memref<12x8xf32>, memref<8x32xf32>) outs(%view : memref<12x32xf32, strided<[64, 1], offset: 32>>)
  return
}

// -----

// A part of a larger buffer is read where it is.

// CHECK-LABEL: func.func @slice(
// CHECK: func.func private @tfc_contraction_0(
// CHECK-NOT: memref.alloc
// CHECK: memref.extract_strided_metadata
// CHECK: func.call @tfc_tile_f32_6x2x8(
func.func @slice(%a: memref<12x8xf32, strided<[8, 1], offset: ?>>, %b: memref<8x32xf32>, %c: memref<12x32xf32>) {
  linalg.matmul ins(%a, %b : memref<12x8xf32, strided<[8, 1], offset: ?>>, memref<8x32xf32>) outs(%c : memref<12x32xf32>)
  return
}

// -----

// Narrow operands are widened when they are packed, so that the kernel is the one for f32.

// CHECK-LABEL: func.func @narrow(
// CHECK: func.func private @tfc_contraction_0(
// CHECK: func.call @tfc_pack_across_f16_extf_f32_16x8(
// CHECK: func.call @tfc_pack_along_f16_extf_f32_6x8(
// CHECK: func.call @tfc_tile_f32_6x2x8(
// CHECK: func.func private @tfc_pack_across_f16_extf_f32_16x8(
// CHECK: vector.load {{.*}}vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: func.func private @tfc_pack_along_f16_extf_f32_6x8(
// CHECK: arith.extf {{.*}} : f16 to f32
func.func @narrow(%a: memref<12x8xf16>, %b: memref<8x32xf16>, %c: memref<12x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<12x8xf16>, memref<8x32xf16>) outs(%c : memref<12x32xf32>) {
  ^bb0(%x: f16, %y: f16, %s: f32):
    %wide_x = arith.extf %x : f16 to f32
    %wide_y = arith.extf %y : f16 to f32
    %p = arith.mulf %wide_x, %wide_y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A large product: half of b at a time is packed; blocks of rows are independent, and so are stripes of what is packed.

// CHECK-LABEL: func.func @large(
// CHECK: func.func private @tfc_contraction_0(
// CHECK: memref.alloc() {{.*}} : memref<32x512x16xf32>
// CHECK: "scf.parallel"
// CHECK: func.call @tfc_pack_across_f32_16x8(
// CHECK: scf.reduce
// CHECK: "scf.parallel"
// CHECK: memref.alloc() {{.*}} : memref<
// CHECK: func.call @tfc_pack_along_f32_6x8(
// CHECK: func.call @tfc_pack_f32(
// CHECK: func.call @tfc_tile_f32_6x2x8(
// CHECK: func.call @tfc_tile_f32_4x2x8(
// CHECK: scf.reduce
func.func @large(%a: memref<1024x1024xf32>, %b: memref<1024x512xf32>, %c: memref<1024x512xf32>) {
  linalg.matmul ins(%a, %b : memref<1024x1024xf32>, memref<1024x512xf32>) outs(%c : memref<1024x512xf32>)
  return
}

// -----

// A matrix that a loop only reads is packed before the loop; one that it writes is not.

// CHECK-LABEL: func.func @main(
// CHECK: %[[PANELS:.*]] = memref.alloc() {{.*}} : memref<2x8x16xf32>
// CHECK: scf.for %{{.*}} = %start to %end
// CHECK: func.call @tfc_contraction_0(%a, %b, %c, %[[PANELS]])
// CHECK: func.call @tfc_contraction_1(%a, %d, %c) :
// CHECK: memref.dealloc %[[PANELS]]
func.func @main(%a: memref<12x8xf32>, %b: memref<8x32xf32>, %c: memref<12x32xf32>, %d: memref<8x32xf32>, %start: index, %end: index, %step: index) {
  scf.for %i = %start to %end step %step {
    linalg.matmul ins(%a, %b : memref<12x8xf32>, memref<8x32xf32>) outs(%c : memref<12x32xf32>)
    linalg.matmul ins(%a, %d : memref<12x8xf32>, memref<8x32xf32>) outs(%c : memref<12x32xf32>)
    %zero = arith.constant 0.0 : f32
    memref.store %zero, %d[%i, %i] : memref<8x32xf32>
  }
  return
}

// -----

// A larger one has a kernel that reads four rows at a time; the rows that are left come one by one.

// CHECK-LABEL: func.func @dot(
// CHECK: func.func private @tfc_contraction_0(
// CHECK: func.call @tfc_dot_f32_4x2x8(
// CHECK: func.call @tfc_dot_f32_1x4x8(
// CHECK: func.func private @tfc_dot_f32_4x2x8(
// CHECK-COUNT-8: vector.fma
// CHECK-COUNT-4: vector.maskedload
// CHECK: vector.reduction <add>
func.func @dot(%a: memref<33x40xf32>, %b: memref<40xf32>, %c: memref<33xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>], iterator_types = ["parallel", "reduction"]} ins(%a, %b : memref<33x40xf32>, memref<40xf32>) outs(%c : memref<33xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A vector from the left: eight rows at a time are added to the result, which stays where it is.

// CHECK-LABEL: func.func @axpy(
// CHECK: linalg.fill
// CHECK: func.func private @tfc_contraction_0(
// CHECK: func.call @tfc_axpy_f32_8x8(
// CHECK-NOT: @tfc_axpy_f32_1x8
// CHECK: func.func private @tfc_axpy_f32_8x8(
// CHECK-COUNT-8: vector.fma
// CHECK: vector.store
func.func @axpy(%a: memref<32x80xf32>, %b: memref<32xf32>, %c: memref<80xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<80xf32>)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%a, %b : memref<32x80xf32>, memref<32xf32>) outs(%c : memref<80xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A short result stays in registers.

// CHECK-LABEL: func.func @held(
// CHECK: linalg.fill
// CHECK: func.func private @tfc_contraction_0(
// CHECK: func.call @tfc_axpy_f32_8x8_held_20(
// CHECK-NOT: @tfc_axpy_f32_1x8
// CHECK: func.func private @tfc_axpy_f32_8x8_held_20(
// CHECK: scf.for {{.*}} iter_args({{.*}}, {{.*}}, {{.*}})
// CHECK-COUNT-24: vector.fma
// CHECK: scf.yield
// CHECK: vector.store
// CHECK: vector.maskedstore
func.func @held(%a: memref<32x20xf32>, %b: memref<32xf32>, %c: memref<20xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<20xf32>)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%a, %b : memref<32x20xf32>, memref<32xf32>) outs(%c : memref<20xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A batch in front of rows is more rows: 24 of them are four whole tiles.

// CHECK-LABEL: func.func @rows_of_all_batches(
// CHECK: func.func private @tfc_contraction_0(
// CHECK-NOT: scf.for
// CHECK: arith.constant 4 : index
// CHECK: func.call @tfc_tile_f32_6x2x8(
// CHECK-NOT: func.call
// CHECK: func.return
func.func @rows_of_all_batches(%a: memref<3x8x8xf32>, %b: memref<8x16xf32>, %c: memref<3x8x16xf32>) {
  linalg.generic {indexing_maps = [affine_map<(s, i, j, k) -> (s, i, k)>, affine_map<(s, i, j, k) -> (k, j)>, affine_map<(s, i, j, k) -> (s, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%a, %b : memref<3x8x8xf32>, memref<8x16xf32>) outs(%c : memref<3x8x16xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %acc, %p fastmath<reassoc> : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// Rows that are one next to the other are copied as they are; what the last panel has no columns for becomes zero.

// CHECK-LABEL: func.func @left_transposed(
// CHECK: func.func private @tfc_contraction_0(
// CHECK: func.call @tfc_pack_across_f32_16x8(
// CHECK: func.call @tfc_pack_across_f32_10x8_in_16(
// CHECK: func.call @tfc_pack_across_f32_6x8(
// CHECK: func.func private @tfc_pack_across_f32_16x8(
// CHECK-COUNT-2: vector.store {{.*}}vector<8xf32>
// CHECK: func.func private @tfc_pack_across_f32_10x8_in_16(
// CHECK: %[[ZEROS:.*]] = arith.constant dense<0.000000e+00>
// CHECK: vector.store %[[ZEROS]]
// CHECK: vector.store {{.*}}vector<8xf32>
// CHECK: vector.store {{.*}}vector<2xf32>
// CHECK: func.func private @tfc_pack_across_f32_6x8(
// CHECK: vector.store {{.*}}vector<6xf32>
func.func @left_transposed(%a: memref<512x256xf32>, %b: memref<512x250xf32>, %c: memref<256x250xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<512x256xf32>, memref<512x250xf32>) outs(%c : memref<256x250xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  }
  return
}
