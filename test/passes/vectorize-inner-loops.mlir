// RUN: %tfc-opt %s -p 'vectorize-inner-loops' --split-input-file | filecheck %s

// Four vectors side by side; ever smaller ones for what is left. What is the same for all elements is read once.

// CHECK-LABEL: @sum
// CHECK: %[[M:.*]] = memref.load %m[]
// CHECK: %[[ZERO:.*]] = arith.constant dense<-0.000000e+00> : vector<32xf32>
// CHECK: %[[MEAN:.*]] = vector.broadcast %[[M]] : f32 to vector<32xf32>
// CHECK: %[[V:.*]] = scf.for %[[I:.*]] = %{{.*}} to %c96 step %c32 iter_args(%[[T:.*]] = %[[ZERO]]) -> (vector<32xf32>)
// CHECK-NEXT: %[[X:.*]] = vector.load %a[%[[I]]] : memref<100xf32>, vector<32xf32>
// CHECK-NEXT: %[[D:.*]] = arith.subf %[[X]], %[[MEAN]] : vector<32xf32>
// CHECK-NEXT: %[[U:.*]] = arith.addf %[[T]], %[[D]] fastmath<reassoc> : vector<32xf32>
// CHECK-NEXT: scf.yield %[[U]]
// CHECK: %[[W:.*]] = vector.reduction <add>, %[[V]], %first fastmath<reassoc> : vector<32xf32> into f32
// CHECK: vector.load %a[%c96{{.*}}] : memref<100xf32>, vector<4xf32>
// CHECK: %[[S:.*]] = vector.reduction <add>, %{{.*}}, %[[W]] fastmath<reassoc> : vector<4xf32> into f32
// CHECK: func.return %[[S]]
func.func @sum(%a: memref<100xf32>, %m: memref<f32>, %first: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %s = scf.for %i = %c0 to %c100 step %c1 iter_args(%t = %first) -> (f32) {
    %x = memref.load %a[%i] : memref<100xf32>
    %mean = memref.load %m[] : memref<f32>
    %d = arith.subf %x, %mean : f32
    %u = arith.addf %t, %d fastmath<reassoc> : f32
    scf.yield %u : f32
  } {tfc.parallel}
  func.return %s : f32
}

// -----

// A length that is not known: the last elements are masked, and lanes behind them stay as they are. A maximum may start from
// what there is in every lane.

// CHECK-LABEL: @maximum
// CHECK: %[[N:.*]] = arith.divsi %n, %c32
// CHECK: %[[WHOLE:.*]] = arith.muli %[[N]], %c32
// CHECK: %[[FIRST:.*]] = vector.broadcast %first : f32 to vector<32xf32>
// CHECK: %[[V:.*]] = scf.for %{{.*}} = %{{.*}} to %[[WHOLE]] step %c32{{.*}} iter_args(%{{.*}} = %[[FIRST]])
// CHECK: vector.store
// CHECK: %[[LEFT:.*]] = arith.subi %n, %[[WHOLE]]
// CHECK: %[[SOME:.*]] = arith.cmpi sgt, %[[LEFT]]
// CHECK: scf.if %[[SOME]] -> (vector<32xf32>)
// CHECK: %[[MASK:.*]] = vector.create_mask %[[LEFT]]
// CHECK: vector.maskedload %a[%[[WHOLE]]], %[[MASK]]
// CHECK: vector.maskedstore %b[%[[WHOLE]]], %[[MASK]]
// CHECK: arith.select %[[MASK]], %{{.*}}, %[[V]]
// CHECK: vector.reduction <maximumf>, %{{.*}} : vector<32xf32> into f32
func.func @maximum(%a: memref<?xf32>, %b: memref<?xf32>, %n: index, %first: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%t = %first) -> (f32) {
    %x = memref.load %a[%i] : memref<?xf32>
    %y = arith.negf %x : f32
    memref.store %y, %b[%i] : memref<?xf32>
    %u = arith.maximumf %t, %y : f32
    scf.yield %u : f32
  } {tfc.parallel}
  func.return %s : f32
}

// -----

// Left alone: a loop that nobody has marked, a sum in order, a running sum, and elements that are not neighbours.

// CHECK-LABEL: @scalar
// CHECK-NOT: vector
func.func @scalar(%a: memref<64x64xf32>, %b: memref<64xf32>, %first: f32) -> (f32, f32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %x = memref.load %b[%i] : memref<64xf32>
    %y = arith.negf %x : f32
    memref.store %y, %b[%i] : memref<64xf32>
  }
  %r = scf.for %i = %c0 to %c64 step %c1 iter_args(%t = %first) -> (f32) {
    %x = memref.load %b[%i] : memref<64xf32>
    %u = arith.addf %t, %x : f32
    scf.yield %u : f32
  } {tfc.parallel}
  %s = scf.for %i = %c0 to %c64 step %c1 iter_args(%t = %first) -> (f32) {
    %x = memref.load %b[%i] : memref<64xf32>
    %u = arith.addf %t, %x fastmath<reassoc> : f32
    memref.store %u, %b[%i] : memref<64xf32>
    scf.yield %u : f32
  } {tfc.parallel}
  %p = scf.for %i = %c0 to %c64 step %c1 iter_args(%t = %first) -> (f32) {
    %x = memref.load %a[%i, %c0] : memref<64x64xf32>
    %u = arith.addf %t, %x fastmath<reassoc> : f32
    scf.yield %u : f32
  } {tfc.parallel}
  func.return %r, %s, %p : f32, f32, f32
}

// -----

// Columns are read and written element by element, for functions that LLVM makes no vectors of.

// CHECK-LABEL: @columns
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c32
// CHECK-COUNT-16: memref.load %a[%{{.*}}] : memref<35xf32, strided<[3]>>
// CHECK: %[[X:.*]] = "vector.from_elements"
// CHECK: arith.remf %[[X]], %{{.*}} : vector<16xf32>
// CHECK: "vector.to_elements"
// CHECK-COUNT-16: memref.store
// CHECK: arith.remf {{.*}} : vector<16xf32>
func.func @columns(%a: memref<35xf32, strided<[3]>>, %b: memref<35xf32, strided<[2]>>, %y: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c35 = arith.constant 35 : index
  scf.for %i = %c0 to %c35 step %c1 {
    %x = memref.load %a[%i] : memref<35xf32, strided<[3]>>
    %z = arith.remf %x, %y : f32
    memref.store %z, %b[%i] : memref<35xf32, strided<[2]>>
  } {tfc.parallel}
  func.return
}

// -----

// What an incomplete vector lacks is its last element, again.

// CHECK-LABEL: @columns_of_unknown_length
// CHECK: %[[LAST:.*]] = arith.subi %{{.*}}, %c1
// CHECK: %[[LANE:.*]] = arith.minui %c1{{.*}}, %[[LAST]]
// CHECK: memref.load %a
// CHECK: arith.remf
// CHECK: %[[OWN:.*]] = arith.cmpi eq
// CHECK: arith.select %[[OWN]]
// CHECK: memref.store
func.func @columns_of_unknown_length(%a: memref<?xf32, strided<[3]>>, %n: index, %y: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xf32, strided<[3]>>
    %z = arith.remf %x, %y : f32
    memref.store %z, %a[%i] : memref<?xf32, strided<[3]>>
  } {tfc.parallel}
  func.return
}
