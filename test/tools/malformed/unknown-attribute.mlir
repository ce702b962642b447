func.func @f() {
  "test.op"() {a = #foo.bar} : () -> ()
  func.return
}
