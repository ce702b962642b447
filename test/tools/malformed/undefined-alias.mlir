func.func @f(%x: !nothing) {
  func.return
}
