func.func @f(%x: f32) -> f32 {
  func.return
}
