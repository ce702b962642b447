func.func @f(%x: f32) {
  builtin.module {
    func.func @g() -> f32 {
      func.return %x : f32
    }
  }
  func.return
}
