func.func @f(%x: vector<4xf32>, %y: vector<4xf32>) -> vector<8xi1> {
  %z = "arith.cmpf"(%x, %y) <{fastmath = #arith.fastmath<none>, predicate = 2 : i64}> : (vector<4xf32>, vector<4xf32>) -> vector<8xi1>
  func.return %z : vector<8xi1>
}
