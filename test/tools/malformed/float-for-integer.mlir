func.func @f() {
  %c = arith.constant 1.5 : i32
  func.return
}
