func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %z = tfc.add %x : (tensor<4xf32>) -> tensor<4xf32>
  func.return %z : tensor<4xf32>
}
