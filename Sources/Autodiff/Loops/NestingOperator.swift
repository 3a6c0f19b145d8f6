internal import TributaryOps

/// An operator whose kernel runs bodies that have plans of their own.
protocol NestingOperator: Operator {
  /// The bodies.
  var bodies: [BodyPlan] { get }
}

extension Scan: NestingOperator {
  var bodies: [BodyPlan] { [body] }
}

extension MapLoop: NestingOperator {
  var bodies: [BodyPlan] { [body] }
}

extension Branch: NestingOperator {
  var bodies: [BodyPlan] { [whenTrue, whenFalse] }
}

extension WhileLoop: NestingOperator {
  var bodies: [BodyPlan] { [condition, body] }
}

extension StepGraph {
  /// The bytes that all bodies of loops and branches hold when each is run by one worker. They are kept between runs, so
  /// bodies do not share them.
  var nestedBytes: Int {
    var seen: Set<ObjectIdentifier> = []
    var isNesting = OperatorTypeMemo { $0 is any NestingOperator }
    return steps.indices.reduce(0) { total, step in
      guard let applied = steps[step].applied, isNesting.holds(for: applied),
        let nesting = applied as? any NestingOperator
      else { return total }
      return nesting.bodies.reduce(total) {
        seen.insert(ObjectIdentifier($1)).inserted ? $0 + $1.memoryBytes : $0
      }
    }
  }
}
