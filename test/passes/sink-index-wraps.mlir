// RUN: %tfc-opt %s -p sink-index-wraps --split-input-file | filecheck %s

// An index that is inside costs a comparison. The check and its report go where it is not; the second check of it goes.

// CHECK-LABEL: @counted
// CHECK: %[[J:.*]] = arith.select
// CHECK: %[[OK:.*]] = arith.cmpi ult, %[[J]], %n
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %i, %n
// CHECK-NEXT: %[[K:.*]] = scf.if %[[INSIDE]] -> (index) {
// CHECK-NEXT: scf.yield %i
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.if
// CHECK: func.call @tfc_report
// CHECK: cf.assert %[[OK]]
// CHECK-NEXT: scf.yield %[[J]]
// CHECK-NEXT: }{{ ?}}{tfc.likely}
// CHECK-NEXT: memref.load %t[%[[K]]]
// CHECK-NOT: cf.assert
// CHECK: memref.store %{{.*}}, %t[%[[K]]]
func.func @counted(%t: memref<?xi64>, %i: index, %n: index) {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  %negative = arith.cmpi slt, %i, %c0 : index
  %from_end = arith.addi %i, %n : index
  %j = arith.select %negative, %from_end, %i : index
  %ok = arith.cmpi ult, %j, %n : index
  %bad = arith.xori %ok, %true : i1
  scf.if %bad {
    %w = arith.index_cast %j : index to i64
    func.call @tfc_report(%w, %w) : (i64, i64) -> ()
  }
  cf.assert %ok, "TFC201|a.py:1:1|index {0} is out of range"
  %x = memref.load %t[%j] : memref<?xi64>
  %y = arith.addi %x, %x : i64
  scf.if %bad {
    %w = arith.index_cast %j : index to i64
    func.call @tfc_report(%w, %w) : (i64, i64) -> ()
  }
  cf.assert %ok, "TFC201|a.py:1:9|index {0} is out of range"
  memref.store %y, %t[%j] : memref<?xi64>
  return
}
func.func private @tfc_report(i64, i64) -> ()

// -----

// A size that is known, twice; inside of a branch behind the check the index is the new one, in another arm it is not.

// CHECK-LABEL: @known_size
// CHECK: %[[J:.*]] = arith.select
// CHECK: scf.if %c {
// CHECK: %[[K:.*]] = scf.if
// CHECK: }{{ ?}}{tfc.likely}
// CHECK: scf.if %c {
// CHECK-NEXT: memref.store %{{.*}}, %t[%[[K]]]
// CHECK: } else {
// CHECK-NEXT: memref.store %{{.*}}, %t[%[[J]]]
func.func @known_size(%t: memref<8xi64>, %i: index, %c: i1, %v: i64) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %negative = arith.cmpi slt, %i, %c0 : index
  %from_end = arith.addi %i, %c8 : index
  %j = arith.select %negative, %from_end, %i : index
  scf.if %c {
    %size = arith.constant 8 : index
    %ok = arith.cmpi ult, %j, %size : index
    cf.assert %ok, "TFC201|a.py:1:1|index is out of range"
    scf.if %c {
      memref.store %v, %t[%j] : memref<8xi64>
    }
  } else {
    memref.store %v, %t[%j] : memref<8xi64>
  }
  return
}

// -----

// Another size than the one that is checked: nothing changes.

// CHECK-LABEL: @another_size
// CHECK-NOT: scf.if
// CHECK: return
func.func @another_size(%t: memref<8xi64>, %i: index, %v: i64) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c9 = arith.constant 9 : index
  %negative = arith.cmpi slt, %i, %c0 : index
  %from_end = arith.addi %i, %c9 : index
  %j = arith.select %negative, %from_end, %i : index
  %ok = arith.cmpi ult, %j, %c8 : index
  cf.assert %ok, "TFC201|a.py:1:1|index is out of range"
  memref.store %v, %t[%j] : memref<8xi64>
  return
}
