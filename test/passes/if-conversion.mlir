// RUN: %tfc-opt %s -p if-conversion --split-input-file | filecheck %s

// Both arms insert at the same place, which they compute apart; the check of one arm holds where the other one is taken.

// CHECK-LABEL: @longest
// CHECK: scf.for %i
// CHECK: [[O:%.*]] = arith.xori %equal, %
// CHECK: [[J:%.*]] = arith.index_cast %k : i64 to index
// CHECK: [[A:%.*]] = tensor.extract %u[[[J]]]
// CHECK: [[B:%.*]] = arith.addi [[A]], %one
// CHECK: [[F:%.*]] = arith.ori %ok, %equal
// CHECK: cf.assert [[F]]
// CHECK: [[G:%.*]] = arith.andi %bad, [[O]]
// CHECK: scf.if [[G]]
// CHECK-NOT: arith.index_cast
// CHECK: [[V:%.*]] = arith.select %equal, [[B]], %one
// CHECK: tensor.insert [[V]] into %u[[[J]]]
// CHECK-NEXT: scf.yield
func.func @longest(%t: tensor<9xi64>, %equal: i1, %ok: i1, %bad: i1, %one: i64) -> tensor<9xi64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%u = %t) -> (tensor<9xi64>) {
    %k = arith.index_cast %i : index to i64
    %n = scf.if %equal -> (tensor<9xi64>) {
      %j = arith.index_cast %k : i64 to index
      %a = tensor.extract %u[%j] : tensor<9xi64>
      %b = arith.addi %a, %one : i64
      %w = tensor.insert %b into %u[%j] : tensor<9xi64>
      scf.yield %w : tensor<9xi64>
    } else {
      cf.assert %ok, "not fine"
      scf.if %bad {
        func.call @tfc_report(%one, %one) : (i64, i64) -> ()
      }
      %j = arith.index_cast %k : i64 to index
      %w = tensor.insert %one into %u[%j] : tensor<9xi64>
      scf.yield %w : tensor<9xi64>
    }
    scf.yield %n : tensor<9xi64>
  }
  return %r : tensor<9xi64>
}
func.func private @tfc_report(i64, i64)

// -----

// What may not run always stays behind its condition: reads that may be outside, division; other places; long arms, and code that
// runs once.

// CHECK-LABEL: @stays
// CHECK: scf.for
// CHECK-COUNT-3: scf.if
// CHECK: scf.if
func.func @stays(%t: tensor<?xi64>, %c: i1, %x: i64, %at: index) -> (i64, i64, tensor<?xi64>, i64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r:3 = scf.for %i = %c0 to %c9 step %c1 iter_args(%u = %x, %v = %x, %w = %t) -> (i64, i64, tensor<?xi64>) {
    %a = scf.if %c -> (i64) {
      %e = tensor.extract %t[%i] : tensor<?xi64>
      scf.yield %e : i64
    } else {
      scf.yield %u : i64
    }
    %b = scf.if %c -> (i64) {
      %e = arith.divsi %x, %v : i64
      scf.yield %e : i64
    } else {
      scf.yield %v : i64
    }
    %d = scf.if %c -> (tensor<?xi64>) {
      %e = tensor.insert %x into %w[%i] : tensor<?xi64>
      scf.yield %e : tensor<?xi64>
    } else {
      %e = tensor.insert %x into %w[%at] : tensor<?xi64>
      scf.yield %e : tensor<?xi64>
    }
    scf.yield %a, %b, %d : i64, i64, tensor<?xi64>
  }
  %once = scf.if %c -> (i64) {
    scf.yield %x : i64
  } else {
    scf.yield %r#0 : i64
  }
  return %r#0, %r#1, %r#2, %once : i64, i64, tensor<?xi64>, i64
}
