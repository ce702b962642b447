func.func @f(%c: vector<4xi1>, %x: vector<4xf32>, %y: vector<4xf64>) -> vector<4xf32> {
  %z = "arith.select"(%c, %x, %y) : (vector<4xi1>, vector<4xf32>, vector<4xf64>) -> vector<4xf32>
  func.return %z : vector<4xf32>
}
