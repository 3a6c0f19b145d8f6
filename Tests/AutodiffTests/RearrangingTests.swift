import Testing
import TributaryAutodiff
import TributaryOps

/// Values of the functions that are made of others: NumPy's results.
@Suite struct RearrangingTests {
  private func run(_ shape: Shape, _ function: (Value) -> Value) throws -> (Shape, [Double]) {
    let g = GraphBuilder()
    let y = function(g.input("x", shape, dtype: .float64))
    let x = try Tensor((0..<shape.elementCount).map(Double.init), shape: shape)
    let result = try GraphInterpreter(try g.graph(fetching: [y])).run(feeding: ["x": x]).fetches[0]
    return (result.shape, try result.elements(Double.self))
  }

  @Test func flips() throws {
    #expect(try run([2, 3]) { flip($0) } == ([2, 3], [5, 4, 3, 2, 1, 0]))
    #expect(try run([2, 3]) { flip($0, axes: [-1]) } == ([2, 3], [2, 1, 0, 5, 4, 3]))
    #expect(try run([2, 3]) { flip($0, axes: []) } == ([2, 3], [0, 1, 2, 3, 4, 5]))
    #expect(try run([0, 3]) { flip($0) } == ([0, 3], []))
    #expect(try run([]) { flip($0) } == ([], [0]))
  }

  @Test func rolls() throws {
    #expect(try run([2, 3]) { roll($0, shifts: [1]) } == ([2, 3], [5, 0, 1, 2, 3, 4]))
    #expect(try run([2, 3]) { roll($0, shifts: [-1, 1], axes: [1, 0]) } == ([2, 3], [4, 5, 3, 1, 2, 0]))
    #expect(try run([2, 3]) { roll($0, shifts: [1, 1], axes: [1, -1]) } == ([2, 3], [1, 2, 0, 4, 5, 3]))
    #expect(try run([5]) { roll($0, shifts: [.min, .min], axes: [0, 0]) } == ([5], [1, 2, 3, 4, 0]))
    #expect(try run([2, 0]) { roll($0, shifts: [3]) } == ([2, 0], []))
  }

  @Test func tiles() throws {
    #expect(try run([2]) { tile($0, repeats: [2, 2]) } == ([2, 4], [0, 1, 0, 1, 0, 1, 0, 1]))
    #expect(try run([2, 2]) { tile($0, repeats: [2]) } == ([2, 4], [0, 1, 0, 1, 2, 3, 2, 3]))
    #expect(try run([2, 1]) { tile($0, repeats: [2, 1]) } == ([4, 1], [0, 1, 0, 1]))
    #expect(try run([2, 2]) { tile($0, repeats: [0, 3]) } == ([0, 6], []))
    #expect(try run([]) { tile($0, repeats: []) } == ([], [0]))
    let (shape, values) = try run([1, 2, 1, 2, 1]) { tile($0, repeats: [2, 2, 2, 2, 2]) }
    #expect(shape == [2, 4, 2, 4, 2])
    let row = [0.0, 0, 1, 1, 0, 0, 1, 1]
    let next = row.map { $0 + 2 }
    let half = row + row + next + next
    #expect(values == half + half + half + half)
  }

  @Test func reflects() throws {
    #expect(try run([3]) { reflectPad($0, [(before: 2, after: 1)]) } == ([6], [2, 1, 0, 1, 2, 1]))
    #expect(try run([1]) { reflectPad($0, [(before: 0, after: 0)]) } == ([1], [0]))
  }
}
