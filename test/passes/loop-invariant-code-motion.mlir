// RUN: %tfc-opt %s -p loop-invariant-code-motion --split-input-file | filecheck %s

// The search for the worst index leaves both loops, with a copy of what makes the indices; its check stays.

// CHECK-LABEL: @checked
// CHECK: %[[J:.*]] = linalg.generic {{.*}}"parallel"{{.*}} ins(%i
// CHECK: %[[W:.*]] = linalg.generic {{.*}}"reduction"{{.*}} ins(%[[J]]
// CHECK: scf.for
// CHECK: scf.for
// CHECK: linalg.generic {{.*}}"parallel"{{.*}} ins(%i
// CHECK: tensor.extract %[[W]][]
// CHECK: cf.assert
// CHECK-NOT: "reduction"
func.func @checked(%x: tensor<9xi32>, %i: tensor<9xi32>, %n: index) -> tensor<9xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %a = %c0 to %n step %c1 iter_args(%y = %x) -> (tensor<9xi32>) {
    %s = scf.for %b = %c0 to %n step %c1 iter_args(%z = %y) -> (tensor<9xi32>) {
      %e = tensor.empty() : tensor<9xi32>
      %j = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>], iterator_types = ["parallel"]} ins(%i : tensor<9xi32>) outs(%e : tensor<9xi32>) {
      ^bb0(%0: i32, %1: i32):
        %2 = arith.addi %0, %0 : i32
        linalg.yield %2 : i32
      } -> tensor<9xi32>
      %zero = arith.constant 0 : i32
      %init = tensor.from_elements %zero : tensor<i32>
      %w = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%j : tensor<9xi32>) outs(%init : tensor<i32>) {
      ^bb0(%0: i32, %1: i32):
        %2 = arith.maxui %0, %1 : i32
        linalg.yield %2 : i32
      } -> tensor<i32>
      %v = tensor.extract %w[] : tensor<i32>
      %c9 = arith.constant 9 : i32
      %ok = arith.cmpi ult, %v, %c9 : i32
      cf.assert %ok, "TFC201|a.py:1:0|no"
      %t = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> (k)>], iterator_types = ["parallel"]} ins(%z, %j : tensor<9xi32>, tensor<9xi32>) outs(%e : tensor<9xi32>) {
      ^bb0(%0: i32, %1: i32, %2: i32):
        %3 = arith.addi %0, %1 : i32
        linalg.yield %3 : i32
      } -> tensor<9xi32>
      scf.yield %t : tensor<9xi32>
    }
    scf.yield %s : tensor<9xi32>
  }
  return %r : tensor<9xi32>
}

// -----

// What reads at places that the loop has checked, what divides, and what the loop changes, stay.

// CHECK-LABEL: @stays
// CHECK: scf.for
// CHECK-COUNT-3: "reduction"
func.func @stays(%x: tensor<9xi32>, %i: tensor<9xi32>, %n: index) -> tensor<i32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %init = tensor.from_elements %zero : tensor<i32>
  %r = scf.for %a = %c0 to %n step %c1 iter_args(%y = %init) -> (tensor<i32>) {
    %u = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%i : tensor<9xi32>) outs(%init : tensor<i32>) {
    ^bb0(%0: i32, %1: i32):
      %2 = arith.index_cast %0 : i32 to index
      %3 = tensor.extract %x[%2] : tensor<9xi32>
      %4 = arith.addi %1, %3 : i32
      linalg.yield %4 : i32
    } -> tensor<i32>
    %v = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%i, %x : tensor<9xi32>, tensor<9xi32>) outs(%u : tensor<i32>) {
    ^bb0(%0: i32, %1: i32, %2: i32):
      %3 = arith.divsi %0, %1 : i32
      %4 = arith.addi %2, %3 : i32
      linalg.yield %4 : i32
    } -> tensor<i32>
    %w = linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%i : tensor<9xi32>) outs(%y : tensor<i32>) {
    ^bb0(%0: i32, %1: i32):
      %2 = arith.addi %0, %1 : i32
      linalg.yield %2 : i32
    } -> tensor<i32>
    %d = tensor.extract %v[] : tensor<i32>
    %f = tensor.extract %w[] : tensor<i32>
    %g = arith.addi %d, %f : i32
    %t = tensor.from_elements %g : tensor<i32>
    scf.yield %t : tensor<i32>
  }
  return %r : tensor<i32>
}
