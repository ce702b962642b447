// What xDSL does not read, or reads as something else, is read as MLIR does: the text of every stage is printed as it was.
// RUN: %tfc-opt %s | filecheck %s
// RUN: %tfc-opt %s | mlir-opt-22
// RUN: mlir-opt-22 %s | %tfc-opt

// Comparisons and casts lane by lane.
func.func public @lanes(%x: memref<8xf32>, %n: memref<8xi32>) {
  %c0 = arith.constant 0 : index
  %a = vector.load %x[%c0] : memref<8xf32>, vector<8xf32>
  %k = vector.load %n[%c0] : memref<8xi32>, vector<8xi32>
  // CHECK: arith.cmpf olt, %a, %a : vector<8xf32>
  // CHECK-NEXT: arith.cmpi slt, %k, %k : vector<8xi32>
  %less = arith.cmpf olt, %a, %a : vector<8xf32>
  %below = arith.cmpi slt, %k, %k : vector<8xi32>
  // CHECK-NEXT: arith.andi %less, %below : vector<8xi1>
  %both = arith.andi %less, %below : vector<8xi1>
  // CHECK-NEXT: arith.select %both, %a, %a : vector<8xi1>, vector<8xf32>
  %chosen = arith.select %both, %a, %a : vector<8xi1>, vector<8xf32>
  // CHECK-NEXT: arith.fptosi %chosen : vector<8xf32> to vector<8xi32>
  %int = arith.fptosi %chosen : vector<8xf32> to vector<8xi32>
  // CHECK-NEXT: arith.index_cast %int : vector<8xi32> to vector<8xindex>
  %index = arith.index_cast %int : vector<8xi32> to vector<8xindex>
  // CHECK-NEXT: arith.extui %both : vector<8xi1> to vector<8xi64>
  %wide = arith.extui %both : vector<8xi1> to vector<8xi64>
  // CHECK-NEXT: arith.trunci %wide : vector<8xi64> to vector<8xi32>
  %narrow = arith.trunci %wide : vector<8xi64> to vector<8xi32>
  func.return
}

// A hexadecimal literal has the bits of a float.
// CHECK-LABEL: @bits
func.func public @bits() -> (tensor<2xf32>, vector<4xf64>, tensor<2xi32>) {
  // CHECK: arith.constant dense<[0xff800000, 1.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: arith.constant dense<2.500000e+00> : vector<4xf64>
  // CHECK-NEXT: arith.constant dense<[255, 1]> : tensor<2xi32>
  %0 = arith.constant dense<[0xff800000, 0x3f800000]> : tensor<2xf32>
  %1 = arith.constant dense<0x4004000000000000> : vector<4xf64>
  %2 = arith.constant dense<[0xff, 0x1]> : tensor<2xi32>
  func.return %0, %1, %2 : tensor<2xf32>, vector<4xf64>, tensor<2xi32>
}

// CHECK-LABEL: @two_results
func.func public @two_results(%x: tensor<4xf32>, %s: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0, %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : tensor<4xf32>) outs(%s, %s : tensor<f32>, tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %sum = arith.addf %a, %b : f32
    %most = arith.maximumf %a, %c : f32
    linalg.yield %sum, %most : f32, f32
  // CHECK: } -> (tensor<f32>, tensor<f32>)
  } -> (tensor<f32>, tensor<f32>)
  func.return %0, %1 : tensor<f32>, tensor<f32>
}
