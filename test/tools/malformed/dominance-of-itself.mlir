func.func @f(%x: f32) -> f32 {
  %a = arith.addf %x, %a : f32
  func.return %a : f32
}
