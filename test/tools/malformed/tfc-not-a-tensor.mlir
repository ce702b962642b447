func.func @f(%x: f32) -> f32 {
  %z = tfc.negative %x : (f32) -> f32
  func.return %z : f32
}
