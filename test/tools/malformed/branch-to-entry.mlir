func.func @f() {
  "cf.br"()[^bb0] : () -> ()
^bb1:
  "cf.br"()[^bb1] : () -> ()
}
