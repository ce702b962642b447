func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  "tfc.negative"(%x) <{mode = "fast"}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return %x : tensor<4xf32>
}
