// A dense layer with gelu and softmax for each target: as wide as its vectors, and nothing is called but its own functions.

// RUN: %tfc-translate %s --emit asm --target x86-64-v2 | filecheck %s --check-prefix V2
// RUN: %tfc-translate %s --emit asm --target x86-64-v3 | filecheck %s --check-prefix V3
// RUN: %tfc-translate %s --emit asm --target x86-64-v4 | filecheck %s --check-prefix V4
// RUN: %tfc-translate %s --emit asm --target aarch64 | filecheck %s --check-prefix NEON
// RUN: %tfc-translate %s --emit asm --target wasm32 | filecheck %s --check-prefix WASM

// The register tile: rows x vectors x lanes.
// V2-NOT: {{call.*(fma|exp|erf|tanh)}}
// V2-NOT: ymm
// V2: f.tfc_tile_f32_6x2x4
// V2: mulps
// V2-NOT: {{call.*(fma|exp|erf|tanh)}}

// V3-NOT: {{call.*(fma|exp|erf|tanh)}}
// V3-NOT: zmm
// V3: f.tfc_tile_f32_6x2x8
// V3: {{vfmadd.*ymm}}
// V3-NOT: {{call.*(fma|exp|erf|tanh)}}

// V4-NOT: {{call.*(fma|exp|erf|tanh)}}
// V4: f.tfc_tile_f32_8x2x16
// V4: {{vfmadd.*zmm}}
// V4-NOT: {{call.*(fma|exp|erf|tanh)}}

// NEON-NOT: {{bl.*(fma|exp|erf|tanh)}}
// NEON: f.tfc_tile_f32_8x2x4
// NEON: {{fmla.*4s}}
// NEON-NOT: {{bl.*(fma|exp|erf|tanh)}}

// WASM-NOT: {{call.*(fma|exp|erf|tanh)}}
// WASM: f.tfc_tile_f32_6x2x4
// WASM: f32x4.mul
// WASM-NOT: {{call.*(fma|exp|erf|tanh)}}

builtin.module {
  func.func public @main(%x: tensor<64x32xf32>, %w: tensor<32x48xf32>, %b: tensor<48xf32>) -> tensor<64x48xf32> {
    %0 = arith.constant 0.000000e+00 : f32
    %1 = tensor.empty() : tensor<64x48xf32>
    %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<64x48xf32>) -> tensor<64x48xf32>
    %3 = linalg.matmul ins(%x, %w : tensor<64x32xf32>, tensor<32x48xf32>) outs(%2 : tensor<64x48xf32>) -> tensor<64x48xf32>
    %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%3, %b : tensor<64x48xf32>, tensor<48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%5: f32, %6: f32, %7: f32):
      %8 = arith.addf %5, %6 : f32
      linalg.yield %8 : f32
    } -> tensor<64x48xf32>
    %9 = arith.constant 5.000000e-01 : f32
    %10 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4 : tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%11: f32, %12: f32):
      %13 = arith.mulf %11, %9 : f32
      linalg.yield %13 : f32
    } -> tensor<64x48xf32>
    %14 = arith.constant 0.707106769 : f32
    %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4 : tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%16: f32, %17: f32):
      %18 = arith.mulf %16, %14 : f32
      linalg.yield %18 : f32
    } -> tensor<64x48xf32>
    %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15 : tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%20: f32, %21: f32):
      %22 = math.erf %20 : f32
      linalg.yield %22 : f32
    } -> tensor<64x48xf32>
    %23 = arith.constant 1.000000e+00 : f32
    %24 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%19 : tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%25: f32, %26: f32):
      %27 = arith.addf %25, %23 : f32
      linalg.yield %27 : f32
    } -> tensor<64x48xf32>
    %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %24 : tensor<64x48xf32>, tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%29: f32, %30: f32, %31: f32):
      %32 = arith.mulf %29, %30 : f32
      linalg.yield %32 : f32
    } -> tensor<64x48xf32>
    %33 = arith.constant 0xff800000 : f32
    %34 = tensor.empty() : tensor<64xf32>
    %35 = linalg.fill ins(%33 : f32) outs(%34 : tensor<64xf32>) -> tensor<64xf32>
    %36 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%28 : tensor<64x48xf32>) outs(%35 : tensor<64xf32>) {
    ^bb0(%37: f32, %38: f32):
      %39 = arith.maximumf %38, %37 fastmath<reassoc> : f32
      linalg.yield %39 : f32
    } -> tensor<64xf32>
    %40 = tensor.expand_shape %36 [[0 : i64, 1 : i64]] output_shape [64, 1] : tensor<64xf32> into tensor<64x1xf32>
    %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%28, %40 : tensor<64x48xf32>, tensor<64x1xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%42: f32, %43: f32, %44: f32):
      %45 = arith.subf %42, %43 : f32
      linalg.yield %45 : f32
    } -> tensor<64x48xf32>
    %46 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%41 : tensor<64x48xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%47: f32, %48: f32):
      %49 = math.exp %47 : f32
      linalg.yield %49 : f32
    } -> tensor<64x48xf32>
    %50 = linalg.fill ins(%0 : f32) outs(%34 : tensor<64xf32>) -> tensor<64xf32>
    %51 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%46 : tensor<64x48xf32>) outs(%50 : tensor<64xf32>) {
    ^bb0(%52: f32, %53: f32):
      %54 = arith.addf %53, %52 fastmath<reassoc> : f32
      linalg.yield %54 : f32
    } -> tensor<64xf32>
    %55 = tensor.expand_shape %51 [[0 : i64, 1 : i64]] output_shape [64, 1] : tensor<64xf32> into tensor<64x1xf32>
    %56 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%46, %55 : tensor<64x48xf32>, tensor<64x1xf32>) outs(%1 : tensor<64x48xf32>) {
    ^bb0(%57: f32, %58: f32, %59: f32):
      %60 = arith.divf %57, %58 : f32
      linalg.yield %60 : f32
    } -> tensor<64x48xf32>
    func.return %56 : tensor<64x48xf32>
  }
}
