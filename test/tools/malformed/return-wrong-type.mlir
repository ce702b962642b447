func.func @f(%x: f32) -> f64 {
  func.return %x : f32
}
