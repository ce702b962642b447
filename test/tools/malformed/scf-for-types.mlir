func.func @f(%n: index, %x: f32) -> f32 {
  %0 = arith.constant 0 : index
  %r = scf.for %i = %0 to %n step %n iter_args(%a = %x) -> (f32) {
    scf.yield %i : index
  }
  func.return %r : f32
}
