func.func @f(%x: f32, %y: f64) -> f32 {
  %z = arith.addf %x, %y : f32
  func.return %z : f32
}
