func.func @f(%c: i1, %x: f32) -> f32 {
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  %a = arith.addf %x, %x : f32
  cf.br ^bb2
^bb2:
  func.return %a : f32
}
