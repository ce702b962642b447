func.func @f(%x: tensor<4xf32>) -> tensor<5xf32> {
  %z = tfc.negative %x : (tensor<4xf32>) -> tensor<5xf32>
  func.return %z : tensor<5xf32>
}
