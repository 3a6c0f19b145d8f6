public import TributaryAutodiff

/// Something that holds parameters: a layer, a cell, a whole model.
///
/// A structure whose stored properties are parameters, statistics, layers, or arrays, tuples and optionals of them has
/// nothing to implement.
public protocol Parameterized: Sendable {
  /// The parts that may hold parameters, with the names that become scopes of the parameters' names; by default the
  /// stored properties, by their names.
  var parts: [(name: String, part: Any)] { get }
}

/// A function of one value with parameters.
public protocol Layer: Parameterized {
  /// Applies the layer: adds its operators to the value's graph.
  func callAsFunction(_ x: Value) -> Value
}

extension Parameterized {
  /// The stored properties.
  public var parts: [(name: String, part: Any)] { storedParts(of: self) }

  /// Declares every parameter and statistic in a builder, depth first in the order of the stored properties, by names
  /// such as `body/0/weight`. Without it, they are declared at their first use, by numbers.
  public func declareParameters(in builder: GraphBuilder) { declare(parts, in: builder) }
}

private func declare(_ parts: [(name: String, part: Any)], in builder: GraphBuilder) {
  for (name, part) in parts {
    switch part {
    case let parameter as Parameter:
      _ = parameter.value(in: builder, named: name)
    case let statistic as Statistic:
      _ = statistic.value(in: builder, named: name)
    case let holder as any Parameterized:
      builder.scope(name) { declare(holder.parts, in: builder) }
    default:
      switch Mirror(reflecting: part).displayStyle {
      case .collection, .tuple: builder.scope(name) { declare(storedParts(of: part), in: builder) }
      case .optional: declare(storedParts(of: part).map { (name, $0.part) }, in: builder)
      default: break
      }
    }
  }
}

/// The children of a value that a mirror shows; elements without a name get their number.
private func storedParts(of value: Any) -> [(name: String, part: Any)] {
  Mirror(reflecting: value).children.enumerated().map { index, child in
    let label = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
    return (label ?? String(index), child.value)
  }
}
