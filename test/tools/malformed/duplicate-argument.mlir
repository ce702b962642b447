func.func @f(%x: f32, %x: f32) {
  func.return
}
