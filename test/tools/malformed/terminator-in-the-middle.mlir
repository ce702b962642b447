func.func @f(%x: f32) -> f32 {
  func.return %x : f32
  %z = arith.addf %x, %x : f32
  func.return %z : f32
}
