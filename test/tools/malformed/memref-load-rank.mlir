func.func @f(%m: memref<4x4xf32>, %i: index) -> f32 {
  %x = memref.load %m[%i] : memref<4x4xf32>
  func.return %x : f32
}
