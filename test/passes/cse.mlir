// RUN: %tfc-opt %s -p cse --split-input-file | filecheck %s

// CHECK-LABEL: @twice
// CHECK: %[[A:.*]] = arith.addi %x, %y
// CHECK-NOT: arith.addi
// CHECK: return %[[A]], %[[A]]
func.func @twice(%x: index, %y: index) -> (index, index) {
  %a = arith.addi %x, %y : index
  %b = arith.addi %x, %y : index
  return %a, %b : index, index
}

// -----

// 0 and -0 are two constants.

// CHECK-LABEL: @zeros
// CHECK: return %a, %b
func.func @zeros() -> (f32, f32) {
  %a = arith.constant 0.0 : f32
  %b = arith.constant -0.0 : f32
  return %a, %b : f32, f32
}

// -----

// An op in one arm does not stand for the one in the other, but one before both does.

// CHECK-LABEL: @arms
// CHECK: %[[A:.*]] = arith.addi %x, %x
// CHECK: scf.if
// CHECK-NEXT: arith.muli %[[A]]
// CHECK: else
// CHECK-NEXT: arith.muli %[[A]]
func.func @arms(%x: index, %c: i1) -> index {
  %a = arith.addi %x, %x : index
  %r = scf.if %c -> (index) {
    %b = arith.addi %x, %x : index
    %m = arith.muli %b, %x : index
    scf.yield %m : index
  } else {
    %b = arith.addi %x, %x : index
    %m = arith.muli %b, %x : index
    scf.yield %m : index
  }
  %s = arith.addi %r, %a : index
  return %s : index
}

// -----

// Structured ops are compared with their bodies; loads are left alone.

// CHECK-LABEL: @bodies
// CHECK: linalg.generic
// CHECK: arith.addf
// CHECK: linalg.generic
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
// CHECK: memref.load
// CHECK: memref.load
func.func @bodies(%x: tensor<4xf32>, %m: memref<f32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, f32, f32) {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.addf %i, %i : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %c = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.mulf %p, %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %k = memref.load %m[] : memref<f32>
  %l = memref.load %m[] : memref<f32>
  return %a, %b, %c, %k, %l : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, f32, f32
}
