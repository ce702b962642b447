func.func @f() {
  %c = arith.constant dense<[1, 2, 3]> : tensor<2xi32>
  func.return
}
