func.func @f(%x: f32) -> f32 {
  %z = arith.addf %x, %x : f32
}
