// RUN: %tfc-opt %s -p convert-linalg-to-loops --split-input-file | filecheck %s

// A short sum is kept in a register.

// CHECK-LABEL: @row_sums
// CHECK: scf.parallel
// CHECK: memref.load %s[
// CHECK: scf.for {{.*}} iter_args
// CHECK-NEXT: memref.load %a[
// CHECK-NEXT: arith.addf
// CHECK-NEXT: scf.yield
// CHECK: memref.store
func.func @row_sums(%a: memref<8x64xf32>, %s: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%a : memref<8x64xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %t = arith.addf %acc, %x fastmath<reassoc> : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A sum over the outer dimension goes row by row and accumulates in memory.

// CHECK-LABEL: @column_sums
// CHECK: scf.for %[[I:.*]] = {{.*}} to %c8
// CHECK-NEXT: scf.for %[[J:.*]] = {{.*}} to %c64
// CHECK: memref.load %a[%[[I]], %[[J]]]
// CHECK: memref.store {{.*}}, %s[%[[J]]]
func.func @column_sums(%a: memref<8x64xf32>, %s: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(k, j) -> (k, j)>, affine_map<(k, j) -> (j)>], iterator_types = ["reduction", "parallel"]} ins(%a : memref<8x64xf32>) outs(%s : memref<64xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %t = arith.addf %acc, %x fastmath<reassoc> : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A long sum is split into blocks that are added in f64; its two loops are one.

// CHECK-LABEL: @long_sum
// CHECK: memref.collapse_shape
// CHECK: scf.for {{.*}} -> (f64)
// CHECK: arith.constant -0.000000e+00 : f32
// CHECK: scf.for {{.*}} -> (f32)
// CHECK: arith.extf
// CHECK: arith.truncf
func.func @long_sum(%a: memref<?x64xf32>, %s: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> ()>], iterator_types = ["reduction", "reduction"]} ins(%a : memref<?x64xf32>) outs(%s : memref<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %t = arith.addf %acc, %x fastmath<reassoc> : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// The innermost loop of a matmul runs along the rows of the result and of the right operand.

// CHECK-LABEL: @matmul
// CHECK: scf.parallel
// CHECK: scf.for %[[K:.*]] =
// CHECK-NEXT: scf.for %[[J:.*]] =
// CHECK: memref.load %b[%[[K]], %[[J]]]
func.func @matmul(%a: memref<8x4xf32>, %b: memref<4x16xf32>, %c: memref<8x16xf32>) {
  linalg.matmul ins(%a, %b : memref<8x4xf32>, memref<4x16xf32>) outs(%c : memref<8x16xf32>)
  return
}

// -----

// A long chain of arithmetic is interleaved where there are elements enough, a short one never.

// CHECK-LABEL: @chains
// CHECK: math.exp
// CHECK: tfc.interleave = 4
// CHECK: math.exp
// CHECK-NOT: tfc.interleave
func.func @chains(%x: memref<1024xf32>, %y: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<1024xf32>) {
  ^bb0(%a: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<64xf32>) {
  ^bb0(%a: f32):
    %b = math.exp %a : f32
    linalg.yield %b : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<1024xf32>) {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  }
  return
}

// -----

// What is updated in place is one value also where its loops are merged.

// CHECK-LABEL: @in_place
// CHECK: %[[VIEW:.*]] = memref.collapse_shape %a
// CHECK-NOT: memref.collapse_shape
// CHECK: memref.load %[[VIEW]][
// CHECK: memref.store {{.*}}, %[[VIEW]][
func.func @in_place(%a: memref<8x64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%a : memref<8x64xf32>) outs(%a : memref<8x64xf32>) {
  ^bb0(%x: f32, %old: f32):
    %t = arith.mulf %x, %x : f32
    linalg.yield %t : f32
  }
  return
}

// -----

// A long count in 64 bits is made of blocks that are counted in 32.

// CHECK-LABEL: @count
// CHECK: scf.for {{.*}} step %c1048576 iter_args(%[[TOTAL:.*]] = %{{.*}}) -> (i64)
// CHECK: %[[BLOCK:.*]] = scf.for {{.*}} -> (i32)
// CHECK: arith.extui %{{.*}} : i1 to i32
// CHECK: arith.addi %{{.*}} : i32
// CHECK: %[[MORE:.*]] = arith.extui %[[BLOCK]] : i32 to i64
// CHECK: arith.addi %[[TOTAL]], %[[MORE]] : i64
func.func @count(%x: memref<?xi1>, %n: memref<i64>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]} ins(%x : memref<?xi1>) outs(%n : memref<i64>) {
  ^bb0(%a: i1, %o: i64):
    %b = arith.extui %a : i1 to i64
    %s = arith.addi %o, %b : i64
    linalg.yield %s : i64
  }
  return
}

// -----

// What is added up elsewhere too stays as wide as it is.

// CHECK-LABEL: @positions_and_count
// CHECK-NOT: i1 to i32
func.func @positions_and_count(%x: memref<?xi1>, %n: memref<i64>, %y: memref<?xi64>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["reduction"]} ins(%x : memref<?xi1>) outs(%n, %y : memref<i64>, memref<?xi64>) {
  ^bb0(%a: i1, %o: i64, %p: i64):
    %b = arith.extui %a : i1 to i64
    %s = arith.addi %o, %b : i64
    linalg.yield %s, %b : i64, i64
  }
  return
}

// -----

// Inner loops over two or three elements are unrolled, so that the loop around them is vectorised.

// CHECK-LABEL: @short
// CHECK: tfc.unroll = 3
// CHECK-NOT: tfc.unroll
func.func @short(%x: memref<64x3xf32>, %s: memref<3xf32>, %y: memref<64x12xf32>, %t: memref<12xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%s : memref<3xf32>) outs(%x : memref<64x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %o : f32
    linalg.yield %b : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%t : memref<12xf32>) outs(%y : memref<64x12xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %o : f32
    linalg.yield %b : f32
  }
  return
}

// -----

// What is read across is read in tiles, so that no line of memory is read for one element of it.

// CHECK-LABEL: @transpose
// CHECK: "scf.parallel"(%c0, %c3, %c1)
// CHECK: %[[FIRST:.*]] = arith.muli %{{.*}}, %c16 : index
// CHECK: scf.for %[[ALONG:.*]] = %c0 to %c64 step %c8
// CHECK: %[[SUM:.*]] = arith.addi %[[FIRST]], %c16
// CHECK: %[[END:.*]] = arith.minui %[[SUM]], %c40
// CHECK: scf.for %[[I:.*]] = %[[FIRST]] to %[[END]] step %c1
// CHECK: scf.for %[[J:.*]] = %[[ALONG]] to
// CHECK: memref.load %x[%[[J]], %[[I]]]
// CHECK: memref.store %{{.*}}, %y[%[[I]], %[[J]]]
func.func @transpose(%x: memref<64x40xf32>, %y: memref<40x64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x40xf32>) outs(%y : memref<40x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  func.return
}

// -----

// Four places of a window are made at once: what several of them read is loaded once.

// CHECK-LABEL: @window
// CHECK: "scf.parallel"(%c0, %c2, %c1)
// CHECK: scf.for %[[C:.*]] = %c0 to %c64 step %c1
// CHECK: %[[FIRST:.*]] = arith.muli %{{.*}}, %c4 : index
// CHECK-COUNT-5: memref.load
// CHECK: arith.mulf
// CHECK-COUNT-4: memref.load
// CHECK-NOT: memref.load
// CHECK: memref.store %{{.*}}, %y[%[[FIRST]], %[[C]]]
// CHECK-COUNT-3: memref.store
// CHECK: tfc.interleave = 1 : i64
func.func @window(%x: memref<10x64xf32>, %k: memref<3x64xf32>, %y: memref<8x64xf32>) {
  %x0 = memref.subview %x[0, 0] [8, 64] [1, 1] : memref<10x64xf32> to memref<8x64xf32, strided<[64, 1]>>
  linalg.generic {indexing_maps = [affine_map<(i, c) -> (i, c)>, affine_map<(i, c) -> (i + 1, c)>, affine_map<(i, c) -> (i + 2, c)>,
        affine_map<(i, c) -> (0, c)>, affine_map<(i, c) -> (1, c)>, affine_map<(i, c) -> (2, c)>, affine_map<(i, c) -> (i, c)>],
        iterator_types = ["parallel", "parallel"]}
      ins(%x0, %x, %x, %k, %k, %k : memref<8x64xf32, strided<[64, 1]>>, memref<10x64xf32>, memref<10x64xf32>, memref<3x64xf32>, memref<3x64xf32>, memref<3x64xf32>)
      outs(%y : memref<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %p: f32, %q: f32, %r: f32, %o: f32):
    %0 = arith.mulf %a, %p : f32
    %1 = arith.mulf %b, %q : f32
    %2 = arith.mulf %c, %r : f32
    %3 = arith.addf %0, %1 : f32
    %4 = arith.addf %3, %2 : f32
    linalg.yield %4 : f32
  }
  return
}

// -----

// A window along the only loop is left to vectors.

// CHECK-LABEL: @window_of_a_row
// CHECK: scf.parallel
// CHECK-NOT: arith.muli
// CHECK-COUNT-6: memref.load
// CHECK-NOT: memref.load
// CHECK: memref.store
func.func @window_of_a_row(%x: memref<4002xf32>, %k: memref<3xf32>, %y: memref<4000xf32>) {
  %x0 = memref.subview %x[0] [4000] [1] : memref<4002xf32> to memref<4000xf32, strided<[1]>>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i + 1)>, affine_map<(i) -> (i + 2)>,
        affine_map<(i) -> (0)>, affine_map<(i) -> (1)>, affine_map<(i) -> (2)>, affine_map<(i) -> (i)>],
        iterator_types = ["parallel"]}
      ins(%x0, %x, %x, %k, %k, %k : memref<4000xf32, strided<[1]>>, memref<4002xf32>, memref<4002xf32>, memref<3xf32>, memref<3xf32>, memref<3xf32>)
      outs(%y : memref<4000xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %p: f32, %q: f32, %r: f32, %o: f32):
    %0 = arith.mulf %a, %p : f32
    %1 = arith.mulf %b, %q : f32
    %2 = arith.mulf %c, %r : f32
    %3 = arith.addf %0, %1 : f32
    %4 = arith.addf %3, %2 : f32
    linalg.yield %4 : f32
  }
  return
}

// -----

// A loop for each of a few elements: parallel, so that the loop inside runs once for a vector of them.
// CHECK-LABEL: @loop_for_each
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK-NOT: tfc.parallel
// CHECK: memref.store
func.func @loop_for_each(%n: index, %x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = scf.for %i = %c0 to %n step %c1 iter_args(%b = %a) -> (f32) {
      %1 = arith.mulf %b, %b : f32
      scf.yield %1 : f32
    }
    linalg.yield %0 : f32
  }
  return
}
