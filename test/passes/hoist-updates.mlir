// RUN: %tfc-opt %s -p hoist-updates --split-input-file | filecheck %s

#map = affine_map<(d0) -> (d0)>

// The first update follows its gradient; the memory to write to and the rate come along.
// CHECK-LABEL: @descent
// CHECK: math.exp
// CHECK: arith.constant 5
// CHECK: ins(%v, %g
// CHECK: math.sin
// CHECK: ins(%w, %h
func.func @descent(%v: tensor<8xf32> {tfc.variable}, %w: tensor<8xf32> {tfc.variable}, %x: tensor<8xf32>)
    -> (tensor<8xf32> {tfc.updates = 0 : i64}, tensor<8xf32> {tfc.updates = 1 : i64}) {
  %e = tensor.empty() : tensor<8xf32>
  %g = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.exp %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %h = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.sin %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %rate = arith.constant 0.5 : f32
  %m = tensor.empty() : tensor<8xf32>
  %v1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%v, %g : tensor<8xf32>, tensor<8xf32>) outs(%m : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %b, %rate : f32
    %s = arith.subf %a, %p : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %w1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%w, %h : tensor<8xf32>, tensor<8xf32>) outs(%m : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %v1, %w1 : tensor<8xf32>, tensor<8xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// Neither the old value's last use nor a check that may end the call is passed.
// CHECK-LABEL: @kept
// CHECK: math.sin
// CHECK: ins(%v, %x
// CHECK: cf.assert
// CHECK: ins(%w, %x
func.func @kept(%v: tensor<8xf32> {tfc.variable}, %w: tensor<8xf32> {tfc.variable}, %x: tensor<8xf32>, %ok: i1)
    -> (tensor<8xf32>, tensor<8xf32> {tfc.updates = 0 : i64}, tensor<8xf32> {tfc.updates = 1 : i64}) {
  %m = tensor.empty() : tensor<8xf32>
  %h = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%v : tensor<8xf32>) outs(%m : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.sin %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  %v1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%v, %x : tensor<8xf32>, tensor<8xf32>) outs(%m : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  cf.assert %ok, "RAISE|f.py:1:1|0"
  %w1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%w, %x : tensor<8xf32>, tensor<8xf32>) outs(%m : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %h, %v1, %w1 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
