// RUN: %tfc-opt %s -p one-shot-bufferize --split-input-file | filecheck %s

// A chain writes its temporaries over one another and its end into the result's memory.

// CHECK-LABEL: @chain
// CHECK-SAME: (%x: memref<4xf32>, %[[R:.*]]: memref<4xf32> {tfc.result = 0 : i64})
// CHECK: %[[T:.*]] = memref.alloc
// CHECK: linalg.generic {{.*}} ins(%x : memref<4xf32>) outs(%[[T]] : memref<4xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[T]] : memref<4xf32>) outs(%[[T]] : memref<4xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[T]] : memref<4xf32>) outs(%[[R]] : memref<4xf32>)
// CHECK: memref.dealloc %[[T]]
// CHECK-NOT: memref.alloc
// CHECK: return
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.addf %i, %i : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.mulf %i, %i : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %c = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.negf %i : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %c : tensor<4xf32>
}

// -----

// Another order of reading (a transpose) must not overwrite what it reads.

// CHECK-LABEL: @transpose_is_not_in_place
// CHECK: %[[A:.*]] = memref.alloc
// CHECK: linalg.generic {{.*}} outs(%[[A]] : memref<3x3xf32>)
// CHECK: %[[B:.*]] = memref.alloc
// CHECK: linalg.generic {{.*}} ins(%[[A]] : memref<3x3xf32>) outs(%[[B]] : memref<3x3xf32>)
// CHECK-DAG: memref.dealloc %[[A]]
// CHECK: linalg.generic
// CHECK: return
func.func @transpose_is_not_in_place(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %e = tensor.empty() : tensor<3x3xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.addf %i, %i : f32
    linalg.yield %s : f32
  } -> tensor<3x3xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
  ^bb0(%i: f32, %o: f32):
    linalg.yield %i : f32
  } -> tensor<3x3xf32>
  %c = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%b : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = arith.negf %i : f32
    linalg.yield %s : f32
  } -> tensor<3x3xf32>
  return %c : tensor<3x3xf32>
}

// -----

// A variable that is dead after its update is updated where it is.

// CHECK-LABEL: @update
// CHECK-SAME: (%v: memref<4xf32> {tfc.variable}, %g: memref<4xf32>)
// CHECK-NOT: memref.alloc
// CHECK: linalg.generic {{.*}} outs(%v : memref<4xf32>)
// CHECK-NOT: memref.copy
// CHECK: return
func.func @update(%v: tensor<4xf32> {tfc.variable}, %g: tensor<4xf32>) -> (tensor<4xf32> {tfc.updates = 0 : i64}) {
  %e = tensor.empty() : tensor<4xf32>
  %n = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%v, %g : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %s = arith.subf %i, %j : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %n : tensor<4xf32>
}

// -----

// The old value is read after the insertion: it is kept by a copy.

// CHECK-LABEL: @read_after_write
// CHECK: memref.copy
// CHECK: memref.store
// CHECK: memref.load
func.func @read_after_write(%v: tensor<4xf32> {tfc.variable}, %f: f32, %i: index) -> (tensor<4xf32> {tfc.updates = 0 : i64}, f32) {
  %n = tensor.insert %f into %v[%i] : tensor<4xf32>
  %old = tensor.extract %v[%i] : tensor<4xf32>
  return %n, %old : tensor<4xf32>, f32
}

// -----

// A tensor that a loop inserts into stays in one place.

// CHECK-LABEL: @insert_in_loop
// CHECK-NOT: memref.alloc
// CHECK: memref.copy"(%x, %[[R:.*]]) :
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK-NEXT: memref.store %f, %[[R]]
// CHECK-NOT: memref.copy
// CHECK: return
func.func @insert_in_loop(%x: tensor<8xf32>, %f: f32, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<8xf32>) {
    %u = tensor.insert %f into %t[%i] : tensor<8xf32>
    scf.yield %u : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// -----

// A new value that cannot be computed in place: two buffers change roles, nothing is copied inside.

// CHECK-LABEL: @rotating_buffers
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = {{.*}}, %[[B:.*]] = {{.*}}) -> (memref<2x2xf32>, memref<2x2xf32>)
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK: scf.yield %[[B]], %[[A]]
// CHECK: return
func.func @rotating_buffers(%x: tensor<2x2xf32>, %n: index) -> tensor<2x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<2x2xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<2x2xf32>) {
    %u = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%t : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) {
    ^bb0(%i0: f32, %o: f32):
      %s = arith.addf %i0, %i0 : f32
      linalg.yield %s : f32
    } -> tensor<2x2xf32>
    scf.yield %u : tensor<2x2xf32>
  }
  return %r : tensor<2x2xf32>
}

// -----

// A growing tensor: each iteration hands its memory to the next, which frees it.

// CHECK-LABEL: @growing
// CHECK: scf.for {{.*}} iter_args(%[[OLD:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.dealloc %[[OLD]]
// CHECK: scf.yield %[[NEW]]
// CHECK: return
func.func @growing(%x: tensor<?xf32>, %n: index, %f: f32) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    %d = tensor.dim %t, %c0 : tensor<?xf32>
    %d1 = arith.addi %d, %c1 : index
    %e = tensor.empty(%d1) : tensor<?xf32>
    %b = tensor.insert_slice %t into %e[0] [%d] [1] : tensor<?xf32> into tensor<?xf32>
    %u = tensor.insert %f into %b[%d] : tensor<?xf32>
    scf.yield %u : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// Both arms write into the result's memory.

// CHECK-LABEL: @branch
// CHECK-SAME: %[[R:[0-9]+]]: memref<4xf32> {tfc.result = 0 : i64}
// CHECK: scf.if %c {
// CHECK: linalg.generic {{.*}} outs(%[[R]]
// CHECK: else
// CHECK: memref.copy"(%x, %[[R]])
// CHECK: return
func.func @branch(%c: i1, %x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = scf.if %c -> (tensor<4xf32>) {
    %a = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%i: f32, %o: f32):
      %s = arith.addf %i, %i : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    scf.yield %a : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A list that grows: the arm that keeps the tensor hands its memory on, the other one frees it. Nothing is copied.

// CHECK-LABEL: @roomy
// CHECK: scf.for {{.*}} iter_args(%[[OLD:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK: %[[ROOMY:.*]] = scf.if
// CHECK-NEXT: scf.yield %[[OLD]]
// CHECK: else
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.dealloc %[[OLD]]
// CHECK-NEXT: scf.yield %[[NEW]]
// CHECK: memref.store %f, %[[ROOMY]]
// CHECK-NEXT: scf.yield %[[ROOMY]]
func.func @roomy(%x: tensor<?xf32>, %n: index, %f: f32) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    %d = tensor.dim %t, %c0 : tensor<?xf32>
    %fits = arith.cmpi ult, %i, %d : index
    %b = scf.if %fits -> (tensor<?xf32>) {
      scf.yield %t : tensor<?xf32>
    } else {
      %d2 = arith.addi %d, %i : index
      %e = tensor.empty(%d2) : tensor<?xf32>
      %w = tensor.insert_slice %t into %e[0] [%d] [1] : tensor<?xf32> into tensor<?xf32>
      scf.yield %w : tensor<?xf32>
    }
    %u = tensor.insert %f into %b[%i] : tensor<?xf32>
    scf.yield %u : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// The same under a condition: an arm within an arm takes the memory, so the arms beside both hand it on or free it.

// CHECK-LABEL: @roomy_in_an_arm
// CHECK: scf.for {{.*}} iter_args(%[[OLD:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK-NOT: memref.copy
// CHECK: %[[ARM:.*]] = scf.if %c
// CHECK: %[[ROOMY:.*]] = scf.if
// CHECK-NEXT: scf.yield %[[OLD]]
// CHECK: else
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.dealloc %[[OLD]]
// CHECK-NEXT: scf.yield %[[NEW]]
// CHECK: memref.store %f, %[[ROOMY]]
// CHECK-NEXT: scf.yield %[[ROOMY]]
// CHECK: else
// CHECK-NEXT: scf.yield %[[OLD]]
// CHECK-NOT: memref.dealloc
// CHECK: scf.yield %[[ARM]]
func.func @roomy_in_an_arm(%x: tensor<?xf32>, %n: index, %f: f32, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    %a = scf.if %c -> (tensor<?xf32>) {
      %d = tensor.dim %t, %c0 : tensor<?xf32>
      %fits = arith.cmpi ult, %i, %d : index
      %b = scf.if %fits -> (tensor<?xf32>) {
        scf.yield %t : tensor<?xf32>
      } else {
        %d2 = arith.addi %d, %i : index
        %e = tensor.empty(%d2) : tensor<?xf32>
        %w = tensor.insert_slice %t into %e[0] [%d] [1] : tensor<?xf32> into tensor<?xf32>
        scf.yield %w : tensor<?xf32>
      }
      %u = tensor.insert %f into %b[%i] : tensor<?xf32>
      scf.yield %u : tensor<?xf32>
    } else {
      scf.yield %t : tensor<?xf32>
    }
    scf.yield %a : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// An arm takes the memory, the other one has no use for it and frees it.

// CHECK-LABEL: @taken_in_one_arm
// CHECK: scf.for {{.*}} iter_args(%[[OLD:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK: scf.if %c
// CHECK: scf.if %c
// CHECK-NEXT: scf.yield %[[OLD]]
// CHECK: else
// CHECK: memref.dealloc %[[OLD]]
// CHECK: else
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.dealloc %[[OLD]]
// CHECK-NEXT: scf.yield %[[NEW]]
// CHECK-NOT: memref.dealloc
// CHECK: return
func.func @taken_in_one_arm(%x: tensor<?xf32>, %n: index, %f: f32, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    %a = scf.if %c -> (tensor<?xf32>) {
      %b = scf.if %c -> (tensor<?xf32>) {
        scf.yield %t : tensor<?xf32>
      } else {
        %e = tensor.empty(%i) : tensor<?xf32>
        %w = linalg.fill ins(%f : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
        scf.yield %w : tensor<?xf32>
      }
      scf.yield %b : tensor<?xf32>
    } else {
      %e = tensor.empty(%n) : tensor<?xf32>
      %w = linalg.fill ins(%f : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
      scf.yield %w : tensor<?xf32>
    }
    scf.yield %a : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// Taken in an arm of a branch that gives nothing: its other arm frees.

// CHECK-LABEL: @taken_for_a_check
// CHECK: scf.for {{.*}} iter_args(%[[OLD:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK: scf.if %c {
// CHECK: %[[TAKEN:.*]] = scf.if
// CHECK-NEXT: scf.yield %[[OLD]]
// CHECK: else
// CHECK: memref.dealloc %[[OLD]]
// CHECK: memref.dealloc %[[TAKEN]]
// CHECK: cf.assert
// CHECK: else
// CHECK-NEXT: memref.dealloc %[[OLD]]
// CHECK-NOT: memref.dealloc
// CHECK: return
func.func @taken_for_a_check(%x: tensor<?xf32>, %n: index, %f: f32, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    scf.if %c {
      %b = scf.if %c -> (tensor<?xf32>) {
        scf.yield %t : tensor<?xf32>
      } else {
        %e = tensor.empty(%i) : tensor<?xf32>
        scf.yield %e : tensor<?xf32>
      }
      %d = tensor.dim %b, %c0 : tensor<?xf32>
      %ok = arith.cmpi sle, %n, %d : index
      cf.assert %ok, "TFC201|a.py:1:1|no"
    } else {
    }
    %e = tensor.empty(%i) : tensor<?xf32>
    %w = linalg.fill ins(%f : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %w : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// A loop within a loop gets the memory that the outer iteration was handed.

// CHECK-LABEL: @handed_to_an_inner_loop
// CHECK: scf.for {{.*}} iter_args(%[[OUTER:.*]] = {{.*}}) -> (memref<?xf32>)
// CHECK-NOT: memref.copy
// CHECK: %[[R:.*]] = scf.for {{.*}} iter_args(%[[INNER:.*]] = %[[OUTER]]) -> (memref<?xf32>)
// CHECK: memref.dealloc %[[INNER]]
// CHECK-NOT: memref.dealloc
// CHECK: scf.yield %[[R]]
func.func @handed_to_an_inner_loop(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
    %b = scf.for %j = %c0 to %n step %c1 iter_args(%s = %t) -> (tensor<?xf32>) {
      %d = tensor.dim %s, %c0 : tensor<?xf32>
      %d2 = arith.addi %d, %c1 : index
      %e = tensor.empty(%d2) : tensor<?xf32>
      %w = tensor.insert_slice %s into %e[0] [%d] [1] : tensor<?xf32> into tensor<?xf32>
      scf.yield %w : tensor<?xf32>
    }
    scf.yield %b : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// An arm that yields a part of a tensor copies it before the whole is freed; the arm that yields all of it hands its memory on.

// CHECK-LABEL: @part
// CHECK: %[[ALL:.*]] = memref.alloc
// CHECK: scf.if
// CHECK: %[[VIEW:.*]] = memref.subview %[[ALL]]
// CHECK: %[[PART:.*]] = memref.alloc
// CHECK: "memref.copy"(%[[VIEW]], %[[PART]])
// CHECK: memref.dealloc %[[ALL]]
// CHECK-NEXT: scf.yield %[[PART]]
// CHECK: else
// CHECK-NEXT: scf.yield %[[ALL]]
func.func @part(%x: tensor<?xf32>, %n: index, %c: i1, %f: f32) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %all = tensor.insert %f into %x[%c0] : tensor<?xf32>
  %r = scf.if %c -> (tensor<?xf32>) {
    %p = tensor.extract_slice %all[1] [%n] [1] : tensor<?xf32> to tensor<?xf32>
    scf.yield %p : tensor<?xf32>
  } else {
    scf.yield %all : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// A sum that starts from a fill and goes into a row of the result: both are made in their place.

// CHECK-LABEL: @sum_in_place
// CHECK: scf.for
// CHECK-NOT: memref.alloc
// CHECK: %[[ROW:.*]] = memref.subview %{{[0-9]+}}[
// CHECK: linalg.fill ins(%{{.*}}) outs(%[[ROW]]
// CHECK-NOT: memref.alloc
// CHECK: linalg.generic {{.*}} outs(%[[ROW]]
// CHECK-NOT: memref.copy
// CHECK: return
func.func @sum_in_place(%x: tensor<4x8x16xf32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%out = %e) -> (tensor<4x8xf32>) {
    %m = tensor.extract_slice %x[%i, 0, 0] [1, 8, 16] [1, 1, 1] : tensor<4x8x16xf32> to tensor<8x16xf32>
    %0 = tensor.empty() : tensor<8xf32>
    %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
    %2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%m : tensor<8x16xf32>) outs(%1 : tensor<8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %o, %a : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    %3 = tensor.insert_slice %2 into %out[%i, 0] [1, 8] [1, 1] : tensor<8xf32> into tensor<4x8xf32>
    scf.yield %3 : tensor<4x8xf32>
  }
  return %r : tensor<4x8xf32>
}

// -----

// A result that is computed in another shape is computed in its memory, and is there then.

// CHECK-LABEL: @reshaped_result
// CHECK-SAME: (%x: f32, %[[OUT:.*]]: memref<8xf32> {tfc.result = 0 : i64})
// CHECK: %[[SQUARE:.*]] = memref.reinterpret_cast %[[OUT]]
// CHECK: linalg.fill ins(%x : f32) outs(%[[SQUARE]]
// CHECK-NOT: copy
// CHECK: return
func.func public @reshaped_result(%x: f32) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %f = linalg.fill ins(%x : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %c = tensor.collapse_shape %f [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
  return %c : tensor<8xf32>
}

// -----

// An arm that hands on a part of a tensor whose memory the other arm hands on gives a copy of that part.

// CHECK-LABEL: @part_of_what_is_handed_on
// CHECK: scf.for {{.*}} iter_args(%[[B:.*]] = %{{.*}}) -> (memref<?xf32>)
// CHECK: scf.if
// CHECK: %[[PART:.*]] = memref.subview %[[B]]
// CHECK: %[[COPY:.*]] = memref.alloc
// CHECK: "memref.copy"(%[[PART]], %[[COPY]])
// CHECK: memref.dealloc %[[B]]
// CHECK: scf.yield %[[COPY]]
// CHECK: scf.yield %[[B]]
func.func @part_of_what_is_handed_on(%x: tensor<?xf32>, %n: index, %c: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%b = %x) -> (tensor<?xf32>) {
    %d = scf.if %c -> (tensor<?xf32>) {
      %part = tensor.extract_slice %b[0] [%i] [1] : tensor<?xf32> to tensor<?xf32>
      scf.yield %part : tensor<?xf32>
    } else {
      scf.yield %b : tensor<?xf32>
    }
    scf.yield %d : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}

// -----

// A branch in an arm hands on what a block farther outside owns; the other arms free it, at their end. Nothing is copied.

// CHECK-LABEL: @handed_on_by_an_inner_branch
// CHECK: scf.for {{.*}} iter_args(%[[B:.*]] = %{{.*}}) -> (memref<?xf32>)
// CHECK-NOT: memref.copy
// CHECK: %[[OUTER:.*]] = scf.if %c
// CHECK: %[[INNER:.*]] = scf.if %d
// CHECK-NEXT: scf.yield %[[B]]
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.dealloc %[[B]]
// CHECK-NEXT: scf.yield %[[NEW]]
// CHECK: memref.store %x, %[[INNER]]
// CHECK-NEXT: scf.yield %[[INNER]]
// CHECK: %[[OTHER:.*]] = memref.alloc
// CHECK: memref.dealloc %[[B]]
// CHECK-NEXT: scf.yield %[[OTHER]]
// CHECK-NOT: memref.copy
// CHECK: scf.yield %[[OUTER]]
func.func @handed_on_by_an_inner_branch(%t: tensor<?xf32>, %x: f32, %n: index, %c: i1, %d: i1) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %start = tensor.empty(%n) : tensor<?xf32>
  %s = linalg.fill ins(%x : f32) outs(%start : tensor<?xf32>) -> tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%b = %s) -> (tensor<?xf32>) {
    %1 = scf.if %c -> (tensor<?xf32>) {
      %2 = scf.if %d -> (tensor<?xf32>) {
        scf.yield %b : tensor<?xf32>
      } else {
        %e = tensor.empty(%i) : tensor<?xf32>
        %f = linalg.fill ins(%x : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
        scf.yield %f : tensor<?xf32>
      }
      %3 = tensor.insert %x into %2[%c0] : tensor<?xf32>
      scf.yield %3 : tensor<?xf32>
    } else {
      %e = tensor.empty(%n) : tensor<?xf32>
      %f = linalg.fill ins(%x : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
      scf.yield %f : tensor<?xf32>
    }
    scf.yield %1 : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}
