func.func @f(%x: !foo.bar) {
  func.return
}
