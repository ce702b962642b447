func.func @f(%c: i1, %x: f32) -> f32 {
  %a = scf.if %c -> (f32) {
    %b = arith.addf %x, %a : f32
    scf.yield %b : f32
  } else {
    scf.yield %x : f32
  }
  func.return %a : f32
}
