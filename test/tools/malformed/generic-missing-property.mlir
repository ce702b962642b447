func.func @f(%x: f32) -> i1 {
  %z = "arith.cmpf"(%x, %x) : (f32, f32) -> i1
  func.return %z : i1
}
