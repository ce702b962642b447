func.func @f(%x: tensor<4xi7>) -> tensor<4xi7> {
  %z = tfc.negative %x : (tensor<4xi7>) -> tensor<4xi7>
  func.return %z : tensor<4xi7>
}
