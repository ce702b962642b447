// RUN: %tfc-opt %s -p expand-math --split-input-file | filecheck %s
// RUN: %tfc-opt %s -p 'expand-math{fma=false}' --split-input-file | filecheck %s --check-prefix NOFMA

// NOFMA-NOT: math.fma

// exp: limits, reduction by ln 2, a polynomial, and 2^n as two factors.

// CHECK-LABEL: @exp
func.func @exp(%x: f32) -> f32 {
  // CHECK: arith.select
  // CHECK: %[[SUM:.*]] = math.fma
  // CHECK-NEXT: arith.subf %[[SUM]]
  // CHECK: %[[BITS:.*]] = arith.bitcast %[[SUM]] : f32 to i32
  // CHECK: arith.shli
  // CHECK-NOT: math.exp
  // NOFMA: arith.mulf
  %y = math.exp %x : f32
  func.return %y : f32
}

// -----

// Instructions stay.

// CHECK-LABEL: @instructions
func.func @instructions(%x: f64, %n: i32) -> (f64, i32) {
  // CHECK-NEXT: math.sqrt
  // CHECK-NEXT: math.floor
  // CHECK-NEXT: math.absf
  // CHECK-NEXT: math.ctpop
  // CHECK-NEXT: return
  %a = math.sqrt %x : f64
  %b = math.floor %a : f64
  %c = math.absf %b : f64
  %d = math.ctpop %n : i32
  func.return %c, %d : f64, i32
}

// -----

// Constants go to the entry of the function, one of each, out of the loop and the body.

// CHECK-LABEL: @constants
// CHECK-COUNT-1: arith.constant 1.000000e+00
// CHECK-NOT: arith.constant 1.000000e+00
// CHECK: linalg.generic
// CHECK-NOT: arith.constant
// CHECK: linalg.yield
func.func @constants(%x: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = math.exp %a : f32
    %d = math.tanh %c : f32
    linalg.yield %d : f32
  } -> tensor<?xf32>
  func.return %r : tensor<?xf32>
}

// -----

// Narrow types are computed in f32.

// CHECK-LABEL: @narrow
func.func @narrow(%x: bf16) -> bf16 {
  // CHECK: %[[WIDE:.*]] = arith.extf %{{.*}} : bf16 to f32
  // CHECK: %[[ROOT:.*]] = math.sqrt %[[WIDE]] : f32
  // CHECK: %[[QUOTIENT:.*]] = arith.divf %{{.*}}, %[[ROOT]] : f32
  // CHECK: arith.truncf %[[QUOTIENT]] : f32 to bf16
  %y = math.rsqrt %x : bf16
  func.return %y : bf16
}

// -----

// A small constant exponent becomes products.

// CHECK-LABEL: @cube
func.func @cube(%x: f64) -> f64 {
  // CHECK: %[[SQUARE:.*]] = arith.mulf %x, %x : f64
  // CHECK-NEXT: arith.mulf %[[SQUARE]], %x : f64
  // CHECK-NEXT: return
  %n = arith.constant 3 : i32
  %y = math.fpowi %x, %n : f64, i32
  func.return %y : f64
}
