import Tributary

// The softmax of each row, and the same in two pieces, one a row: the bits are equal.
let x = try Tensor([1, 2, 3, 4, 6, 8] as [Float], shape: [2, 3])
let y = try Softmax(axis: 1).evaluate(on: [x])[0]
let all = Region(whole: [2, 3])
let rows = (0..<2).map { all.replacing(axis: 0, with: $0..<($0 + 1)) }
let again = try Softmax(axis: 1).evaluate(on: [x], pieces: rows)[0]
print(try y.elements(Float.self) == again.elements(Float.self))

// What does not fit is an error that says so.
do { _ = try Softmax(axis: 2).evaluate(on: [x]) } catch { print(error) }
