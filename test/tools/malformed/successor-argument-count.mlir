func.func @f(%x: f32) {
  cf.br ^bb1
^bb1(%y: f32):
  func.return
}
