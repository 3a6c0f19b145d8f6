/// How the first value of a parameter or state is drawn. The same seed and name give the same bits everywhere.
public enum Initializer: Hashable, Sendable {
  /// Every element the same number.
  case constant(Double)
  /// Normal with mean 0 and the given standard deviation.
  case normal(Double)
  /// Uniform in -limit ..< limit.
  case uniform(Double)
  /// Glorot and Bengio (2010): uniform with limit √(6 / (fan in + fan out)).
  case glorotUniform
  /// He and others (2015): normal with deviation √(2 / fan in).
  case heNormal
  /// Given values, in row-major order.
  case values([Double])
}
