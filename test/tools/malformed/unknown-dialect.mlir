func.func @f(%x: f32) -> f32 {
  %z = "foo.bar"(%x) : (f32) -> f32
  func.return %z : f32
}
