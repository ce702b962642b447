func.func @f(%c: i1) {
  scf.if %c {
    "test.op"(%y) : (f32) -> ()
  }
  func.return
}
