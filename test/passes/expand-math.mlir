// RUN: %tfc-opt %s -p expand-math | filecheck %s
// RUN: %tfc-opt %s -p 'expand-math{fma=false}' | filecheck %s --check-prefix NOFMA

// CHECK-LABEL: @exp
// NOFMA-LABEL: @exp
func.func @exp(%x: f32) -> f32 {
  // CHECK: math.fma
  // CHECK-NOT: math.exp
  // NOFMA-NOT: math.fma
  // NOFMA: arith.mulf
  %y = math.exp %x : f32
  func.return %y : f32
}

// Instructions stay.
// CHECK-LABEL: @sqrt
func.func @sqrt(%x: f64) -> f64 {
  // CHECK: math.sqrt
  %y = math.sqrt %x : f64
  func.return %y : f64
}
