func.func @f() {
  func.call @nothing() : () -> ()
  func.return
}
