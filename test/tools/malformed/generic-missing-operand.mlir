func.func @f(%x: f32) -> f32 {
  %z = "arith.addf"(%x) : (f32) -> f32
  func.return %z : f32
}
