func.func @counter(%n: index) {
  %c0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %i {
  }
  return
}
