func.func @f(%x: tensor<4x) {
  func.return
}
