func.func @f(%x: f32) {
  %a, %b = arith.addf %x, %x : f32
  func.return
}
