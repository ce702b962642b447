// RUN: %tfc-opt %s -p prune --split-input-file | filecheck %s

// CHECK-LABEL: @main
// CHECK-NOT: arith.addf
// CHECK-NOT: memref.load
// CHECK-NOT: scf.for
// CHECK: arith.mulf
// CHECK: memref.store
// CHECK: func.call @used
// CHECK: func.func private @used
// CHECK-NOT: @unused
func.func @main(%x: f32, %m: memref<f32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = arith.addf %x, %x : f32
  %b = arith.addf %a, %x : f32
  %l = memref.load %m[] : memref<f32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (f32) {
    %s = arith.addf %t, %x : f32
    scf.yield %s : f32
  }
  %c = arith.mulf %x, %x : f32
  memref.store %x, %m[] : memref<f32>
  func.call @used() : () -> ()
  return %c : f32
}
func.func private @used() {
  return
}
func.func private @unused() {
  func.call @used() : () -> ()
  return
}
