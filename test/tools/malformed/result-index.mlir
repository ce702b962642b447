func.func @f(%x: f32) -> f32 {
  %a = arith.addf %x, %x : f32
  func.return %a#1 : f32
}
