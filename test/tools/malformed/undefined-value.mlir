func.func @f(%x: f32) -> f32 {
  // uses a name that nobody defines
  %z = arith.addf %x, %y : f32
  func.return %z : f32
}
