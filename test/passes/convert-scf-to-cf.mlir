// RUN: %tfc-opt %s -p convert-scf-to-cf --split-input-file | filecheck %s

// CHECK-LABEL: @loop
// CHECK: cf.br ^[[HEAD:.*]](%c0, %init : index, f32)
// CHECK-NEXT: ^[[HEAD]](%[[I:.*]]: index, %[[X:.*]]: f32):
// CHECK: arith.cmpi slt, %[[I]], %n
// CHECK: cf.cond_br {{.*}}, ^[[BODY:.*]], ^[[EXIT:.*]]
// CHECK: ^[[BODY]]:
// CHECK: arith.addf %[[X]], %[[X]]
// CHECK: cf.br ^[[HEAD]]
// CHECK: ^[[EXIT]]:
// CHECK-NEXT: return %[[X]]
func.func @loop(%n: index, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %init) -> (f32) {
    %y = arith.addf %x, %x : f32
    scf.yield %y : f32
  }
  return %r : f32
}

// -----

// CHECK-LABEL: @nested
// CHECK-NOT: scf
// CHECK: cf.switch
// CHECK: default:
// CHECK: 2:
// CHECK: 5:
func.func @nested(%c: i1, %k: index, %a: i32) -> i32 {
  %r = scf.if %c -> (i32) {
    %s = scf.index_switch %k -> i32
    case 2 {
      %x = arith.addi %a, %a : i32
      scf.yield %x : i32
    }
    case 5 {
      scf.yield %a : i32
    }
    default {
      %z = arith.constant 7 : i32
      scf.yield %z : i32
    }
    scf.yield %s : i32
  } else {
    scf.yield %a : i32
  }
  return %r : i32
}

// -----

// CHECK-LABEL: @while
// CHECK: cf.br ^[[HEAD:.*]](%a : i32)
// CHECK: ^[[HEAD]](%[[X:.*]]: i32):
// CHECK: cf.cond_br
// CHECK: cf.br ^[[HEAD]]
func.func @while(%a: i32, %n: i32) -> i32 {
  %r = scf.while (%x = %a) : (i32) -> i32 {
    %more = arith.cmpi slt, %x, %n : i32
    scf.condition(%more) %x : i32
  } do {
  ^bb0(%y: i32):
    %z = arith.addi %y, %y : i32
    scf.yield %z : i32
  }
  return %r : i32
}

// -----

// A short loop with a branch in it is marked for LLVM to unroll, the loop around it is not.

// CHECK-LABEL: @branches
// CHECK: tfc.unroll = 4
// CHECK-NOT: tfc.unroll
// CHECK: return
func.func @branches(%x: memref<?xi64>, %n: index) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i64
  %all = scf.for %i = %c0 to %n step %c1 iter_args(%outer = %zero) -> (i64) {
    %sum = scf.for %j = %c0 to %n step %c1 iter_args(%s = %outer) -> (i64) {
      %v = memref.load %x[%j] : memref<?xi64>
      %ok = arith.cmpi sge, %v, %zero : i64
      scf.if %ok {
      } else {
        %false = arith.constant false
        cf.assert %false, "RAISE|example.py:1:1|0"
      }
      %t = arith.addi %s, %v : i64
      scf.yield %t : i64
    }
    scf.yield %sum : i64
  }
  return %all : i64
}
