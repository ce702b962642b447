func.func @f(%x: f32) {
  cf.br ^bb1(%x : f32)
^bb1(%y: f64):
  func.return
}
