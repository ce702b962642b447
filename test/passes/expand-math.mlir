// RUN: %tfc-opt %s -p expand-math --split-input-file | filecheck %s
// RUN: %tfc-opt %s -p 'expand-math{fma=false}' --split-input-file | filecheck %s --check-prefix NOFMA
// RUN: %tfc-opt %s -p 'expand-math{often=1}' --split-input-file | filecheck %s --check-prefix OFTEN

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

// -----

// What vectors ask for often is expanded once; scalars, and what is asked for once, where they are.

// OFTEN-LABEL: @often
// OFTEN: %[[A:.*]] = func.call @tfc_rsqrt_8xf32(%x) : (vector<8xf32>) -> vector<8xf32>
// OFTEN: %[[B:.*]] = func.call @tfc_rsqrt_8xf32(%[[A]]) : (vector<8xf32>) -> vector<8xf32>
// OFTEN: math.sqrt %{{.*}} : vector<4xf32>
// OFTEN: math.sqrt %s : f32
// OFTEN: math.sqrt %{{.*}} : f32
// OFTEN: func.func private @tfc_rsqrt_8xf32(%{{.*}}: vector<8xf32>) -> vector<8xf32> attributes {passthrough = ["noinline"]}
// OFTEN: math.sqrt %{{.*}} : vector<8xf32>
func.func @often(%x: vector<8xf32>, %y: vector<4xf32>, %s: f32) -> (vector<8xf32>, vector<4xf32>, f32) {
  %a = math.rsqrt %x : vector<8xf32>
  %b = math.rsqrt %a : vector<8xf32>
  %c = math.rsqrt %y : vector<4xf32>
  %d = math.rsqrt %s : f32
  %e = math.rsqrt %d : f32
  func.return %b, %c, %e : vector<8xf32>, vector<4xf32>, f32
}

// -----

// Vectors: compares and selects lane by lane.

// CHECK-LABEL: @lanes
// CHECK: arith.cmpi eq, {{.*}} : vector<4xi32>
// CHECK-NEXT: arith.select {{.*}} : vector<4xi1>, vector<4xf32>
func.func @lanes(%x: vector<4xf32>) -> vector<4xf32> {
  %y = math.sin %x : vector<4xf32>
  func.return %y : vector<4xf32>
}

// -----

// In f64, vectors with a lane beyond the reduction by parts go to a function of scalars, lane by lane.

// CHECK-LABEL: @far
func.func @far(%x: vector<2xf64>) -> vector<2xf64> {
  // CHECK: %[[LARGE:.*]] = arith.cmpf ogt
  // CHECK: %[[SOME:.*]] = vector.reduction <or>, %[[LARGE]]
  // CHECK: scf.if %[[SOME]]
  // CHECK: vector.to_elements
  // CHECK-COUNT-2: func.call @tfc_sin_f64(%{{.*}}) : (f64) -> f64
  // CHECK: vector.from_elements
  // CHECK: } else {
  // CHECK-NOT: call
  // CHECK: "memref.global"() <{sym_name = "tfc_two_over_pi"
  // CHECK: func.func private @tfc_sin_f64(%{{.*}}: f64) -> f64 attributes {passthrough = ["noinline", "cold"]}
  // What comes for a lane that is not large reads the first words.
  // CHECK: [[POSITION:%.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : i64
  // CHECK: arith.shrui [[POSITION]]
  // CHECK: memref.load
  %y = math.sin %x : vector<2xf64>
  func.return %y : vector<2xf64>
}

// -----

// A remainder is one step, and more of them while some quotient was too large.

// CHECK-LABEL: @remainder
func.func @remainder(%x: vector<8xf32>, %y: vector<8xf32>) -> vector<8xf32> {
  // CHECK: arith.divf
  // CHECK: math.trunc
  // CHECK: math.fma
  // CHECK: scf.while
  // CHECK: %[[LARGE:.*]] = arith.cmpf oge
  // CHECK: %[[SOME:.*]] = vector.reduction <or>, %[[LARGE]]
  // CHECK: scf.condition(%[[SOME]])
  // CHECK: math.copysign
  // CHECK-NOT: arith.remf
  %z = arith.remf %x, %y : vector<8xf32>
  func.return %z : vector<8xf32>
}
