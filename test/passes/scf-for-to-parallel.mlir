// RUN: %tfc-opt %s -p scf-for-to-parallel | filecheck %s

// CHECK-LABEL: @rows
// CHECK: scf.parallel
// CHECK: memref.store
// CHECK: scf.reduce
// CHECK: scf.for
func.func @rows(%y: memref<8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %x, %y[%i] : memref<8xf32>
  } {tfc.parallel}
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %x, %y[%c0] : memref<8xf32>
  }
  return
}
