func.func @split(%s: tensor<8xf32>) -> tensor<4x2xf32> {
  %0 = tensor.expand_shape %s [[0, 1]] output_shape [9223372036854775808, 2] : tensor<8xf32> into tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
