func.func @f(%x: f32) -> f32 {
  %z = arith.plus %x, %x : f32
  func.return %z : f32
}
