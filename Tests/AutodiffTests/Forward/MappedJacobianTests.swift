import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Jacobians of so many products that they are the steps of a loop.
@Suite struct MappedJacobianTests {
  private static let count = 40

  private static func weights() throws -> Tensor {
    try Model.noise([count, count], .float64, stream: 1, deviation: 0.2)
  }
  private static func point() throws -> Tensor {
    try Model.noise([count], .float64, stream: 2, deviation: 0.7)
  }

  /// tanh(W·x) has the derivative (1 - tanh²)ᵢ · Wᵢⱼ.
  @Test(arguments: [JacobianMode.automatic, .forward, .reverse])
  func isTheDerivative(mode: JacobianMode) throws {
    let (w, at) = (try Self.weights(), try Self.point())
    let g = GraphBuilder()
    let x = g.input("x", [Self.count], dtype: .float64)
    let y = tanh(reshape(matmul(g.constant(w), reshape(x, [Self.count, 1])), [Self.count]))
    let nodes = g.nodeCount
    let jacobian = g.jacobian(of: y, withRespectTo: x, mode: mode)
    #expect(jacobian.type == TensorType(.float64, [Self.count, Self.count]))
    #expect(g.nodeCount - nodes < 30)
    let executable = try g.compile(fetching: [y, jacobian])
    for executor in Executors.all {
      let outputs = try executable.run(on: executor, feeding: [x: at])
      let (found, results, rows) = (try outputs[jacobian].doubles, try outputs[y].doubles, try w.doubles)
      for (place, element) in found.enumerated() {
        let result: Double = results[place / Self.count]
        let want: Double = (1 - result * result) * rows[place]
        let distance: Double = abs(element - want)
        #expect(distance < 1e-14)
      }
    }
  }

  /// Σ exp(x)·x has the diagonal Hessian exp(x)·(2 + x), and that Hessian's sum of squares a derivative of its own.
  @Test func hessiansAreDifferentiable() throws {
    let at = try Self.point()
    let g = GraphBuilder()
    let x = g.input("x", [Self.count], dtype: .float64)
    let hessian = g.hessian(of: sum(exp(x) * x), withRespectTo: x)
    let third = g.gradients(of: sum(square(hessian)), withRespectTo: [x])[x]
    let diagonal = exp(x) * (x + 2)
    let wanted = 2 * diagonal * (exp(x) * (x + 3))
    let outputs = try g.compile(fetching: [hessian, third, diagonal, wanted]).run(
      on: Executors.one, feeding: [x: at])
    let (matrix, line) = (try outputs[hessian].doubles, try outputs[diagonal].doubles)
    for (place, element) in matrix.enumerated() {
      let (row, column) = place.quotientAndRemainder(dividingBy: Self.count)
      let want: Double = row == column ? line[row] : 0
      let distance: Double = abs(element - want)
      #expect(distance < 1e-13)
    }
    #expect(try outputs[third].isClose(to: outputs[wanted], absolute: 1e-11, relative: 1e-12))
  }

  /// Random numbers and what does not depend on x at all.
  @Test func masksAndZeros() throws {
    let g = GraphBuilder()
    let x = g.input("x", [Self.count], dtype: .float64)
    let other = g.input("other", [Self.count], dtype: .float64)
    let dropped = dropout(x, rate: 0.5)
    let jacobian = g.jacobian(of: dropped, withRespectTo: x)
    let nothing = g.jacobian(of: exp(other), withRespectTo: x)
    let ones = try Tensor([Double](repeating: 1, count: Self.count), shape: [Self.count])
    let executable = try g.compile(fetching: [dropped, jacobian, nothing])
    let outputs = try executable.run(
      on: Executors.one, ParameterStore(executable, seed: 1), feeding: [x: ones])
    let (mask, matrix) = (try outputs[dropped].doubles, try outputs[jacobian].doubles)
    let diagonal: [Double] = (0..<Self.count).map { matrix[$0 * (Self.count + 1)] }
    #expect(diagonal == mask)
    let kept: Int = mask.filter { $0 != 0 }.count
    let found: Int = matrix.filter { $0 != 0 }.count
    #expect(found == kept)
    #expect(try outputs[nothing].doubles.allSatisfy { $0 == 0 })
  }
}
