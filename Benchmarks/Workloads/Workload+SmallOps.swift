internal import Tributary

extension Workload {
  /// Leapfrog integration of bodies under gravity, unrolled: thousands of tiny operators. The loss is the sum of
  /// squares of the final positions.
  static let smallOps = Workload(
    "small-ops", ["bodies": [8], "steps": [200], "dt": [1e-3], "epsilon": [1e-2]]
  ) { (model, sizes) throws(WorkloadError) in
    let bodies = try sizes.count("bodies")
    let dt = try sizes.number("dt")
    let epsilon = try sizes.number("epsilon")
    let masses = model.parameter("m", [bodies], .constant(1))
    var r = model.parameter("r", [bodies, 3], .normal(1))
    var v = model.parameter("v", [bodies, 3], .normal(0.1))
    func acceleration(_ r: Value) -> Value {
      // d[i, j] = r[j] − r[i]
      let d = reshape(r, [1, bodies, 3]) - reshape(r, [bodies, 1, 3])
      let distance = sum(square(d), axes: [-1]) + epsilon
      let pull = pow(distance, -1.5) * reshape(masses, [1, bodies])
      return sum(d * reshape(pull, [bodies, bodies, 1]), axes: [1])
    }
    var a = acceleration(r)
    for _ in 0..<(try sizes.count("steps")) {
      v = v + a * (0.5 * dt)
      r = r + v * dt
      a = acceleration(r)
      v = v + a * (0.5 * dt)
    }
    return sum(square(r))
  }
}
