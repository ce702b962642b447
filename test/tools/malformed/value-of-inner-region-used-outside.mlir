func.func @f(%c: i1) -> f32 {
  scf.if %c {
    %y = arith.constant 1.0 : f32
    scf.yield
  }
  func.return %y : f32
}
