func.func @f(%x: f32) -> f32 {
  %a = arith.addf %x, %b : f32
  %b = arith.mulf %x, %x : f32
  func.return %a : f32
}
