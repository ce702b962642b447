func.func @f(%x: f32) {
  %y = arith.addf %x, %x : f32
  %y = arith.mulf %x, %x : f32
  func.return
}
