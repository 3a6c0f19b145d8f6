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
  /// The bodies of loops and branches, each once.
  var bodies: [BodyPlan] {
    var seen: Set<ObjectIdentifier> = []
    var isNesting = OperatorTypeMemo { $0 is any NestingOperator }
    var bodies: [BodyPlan] = []
    for step in steps {
      guard let applied = step.applied, isNesting.holds(for: applied),
        let nesting = applied as? any NestingOperator
      else { continue }
      bodies += nesting.bodies.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }
    return bodies
  }

  /// The bytes that all bodies of loops and branches hold when each is run by one worker. They are kept between runs, so
  /// bodies do not share them.
  var nestedBytes: Int { bodies.reduce(0) { $0 + $1.memoryBytes } }
}
