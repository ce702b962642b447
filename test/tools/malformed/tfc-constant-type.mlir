func.func @f() {
  %c = arith.constant 1.5 : f80
  func.return
}
