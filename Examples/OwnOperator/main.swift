import Tributary

/// The largest element up to each place along an axis, and where it stands: yᵢ = max(x₀ … xᵢ).
///
/// x is f32 or f64; two outputs of its shape, y of its type and positions along the axis, i64, those of the last of equals. From
/// the first NaN on, y is NaN. One comparison an element.
struct CumulativeMaximum: Operator {
  /// The axis, non-negative.
  let axis: Int

  var name: String { "cumulative_maximum" }

  var attributes: [Attribute] { [Attribute("axis", axis)] }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1 else {
      throw ShapeError(.arity, "\(name) takes one input; \(inputs.count) were given")
    }
    guard inputs[0].dtype.isFloatingPoint else {
      throw ShapeError(.dtype, "\(name) takes f32 or f64; \(inputs[0]) was given; cast it first")
    }
    guard inputs[0].shape.indices.contains(axis) else {
      throw ShapeError(.axis, "\(name): axis \(axis) is out of range for \(inputs[0])")
    }
    return [inputs[0], TensorType(.int64, inputs[0].shape)]
  }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0.5) }

  // Any axis but the one that is walked along may be cut, and a cut reads what it writes.
  func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.outputs[0].shape
    return shape.indices.filter { $0 != axis && shape[$0] > 1 }.map { SplitAxis($0) }
  }

  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  // y may take the place of x: each element is read before it is written, by the same region.
  func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { output == 0 }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    switch signature.inputs[0].dtype {
    case .float32: kernel(of: Float.self, signature.outputs[0].shape, region)
    default: kernel(of: Double.self, signature.outputs[0].shape, region)
    }
  }

  private func kernel<Number: BinaryFloatingPoint & Sendable>(
    of type: Number.Type, _ shape: Shape, _ region: Region
  ) -> Kernel {
    let (length, stride) = (shape[axis], shape.strides[axis])
    let starts = region.replacing(axis: axis, with: 0..<min(length, 1))
    return Kernel(implementation: "swift") { arguments in
      let x = arguments.pointer(0, as: Number.self)
      let y = arguments.pointer(1, as: Number.self)
      let positions = arguments.pointer(2, as: Int64.self)
      starts.forEachRun(in: shape) { offset, count in
        for start in offset..<(offset + count) {
          var (largest, position) = (x[start], Int64(0))
          for step in 0..<length {
            let place = start + step * stride
            if x[place] >= largest || x[place].isNaN { (largest, position) = (x[place], Int64(step)) }
            y[place] = largest
            positions[place] = position
          }
        }
      }
      return .success
    }
  }
}

// By itself, on a tensor: here and now, whole and in two pieces.
let prices = try Tensor([3, 5, 4, 6, 2, 7, 1, 2, 2, 1] as [Float], shape: [2, 5])
let whole = try CumulativeMaximum(axis: 1).evaluate(on: [prices])
print(try whole[0].elements(Float.self))
print(try whole[1].elements(Int64.self))
let row = Region(whole: [2, 5])
let pieces = try CumulativeMaximum(axis: 1).evaluate(
  on: [prices], pieces: [row.replacing(axis: 0, with: 1..<2), row.replacing(axis: 0, with: 0..<1)])
print("cut:", try pieces[0].elements(Float.self) == whole[0].elements(Float.self))

extension CumulativeMaximum: DifferentiableOperator {
  // x̄: every cotangent goes back to where its maximum stood.
  func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let zeros = broadcast(context.builder.constant(0, dtype: x.dtype), to: x.shape)
    return [scatterAdd(zeros, context.outputs[1], context.cotangent(0), axis: axis)]
  }

  // ẏ: the tangent found where the maximum stood. Without this rule, forward mode would follow from the one above.
  func jvp(_ context: JVPContext) -> [Value?] {
    [gather(context.tangent(0), context.outputs[1], axis: axis), nil]
  }
}

/// The largest element up to each place along an axis; a negative axis counts from the last.
func cumulativeMaximum(
  _ x: Value, axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.apply(
    CumulativeMaximum(axis: axis < 0 ? axis + x.rank : axis), to: [x], file: file, line: line)[0]
}

// In a graph: the largest fall from a peak, and how it depends on every price.
let g = GraphBuilder()
let price = g.input("price", [2, 5])
let fall = max(cumulativeMaximum(price) - price, axes: [1])
let slope = g.gradients(of: sum(fall), withRespectTo: [price])[price]
let look = try g.compile(fetching: [fall, slope])
let seen = try look.run(on: .shared, ParameterStore(look, seed: 1), feeding: [price: prices])
print("falls", try seen[fall].elements(Float.self))
print("slopes", try seen[slope].elements(Float.self))

// The rules against central differences, and what a mistake looks like.
let point = try Tensor([0.3, -1, 0.8, 0.1, 1.4, 0.9], shape: [2, 3])
for order in 1...2 {
  let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: [point]) { _, x in
    square(cumulativeMaximum(x[0], axis: 1)) * x[0]
  }
  print("order \(order):", report.passed ? "passed" : report.description)
}
do {
  let wrong = GraphBuilder()
  let ids = wrong.input("ids", [4], dtype: .int32)
  _ = try wrong.compile(fetching: [cumulativeMaximum(ids)])
} catch {
  print(error)
}
