import TributaryOps

@testable import TributaryAutodiff

extension OperatorFamily {
  /// Operators with bodies, which the builder's functions make.
  static let loops: [OperatorFamily] = [
    OperatorFamily("Scan") { d in
      let (steps, batch, width) = (d.below(4), 1 + d.below(3), 1 + d.below(3))
      let reverse = d.coin()
      let points = try [
        d.tensor([batch, width]), d.tensor([steps, batch, width]), d.tensor([width, width]),
        d.tensor([width]),
      ]
      return OperatorUse(points) { g, x in
        let result = g.scan(carrying: [x[0]], over: [x[1]], reverse: reverse) { carried, slices in
          let h = tanh(matmul(carried[0], x[2]) + slices[0] * x[3])
          return ([h], [square(h) + slices[0]])
        }
        return result.carried + result.outputs
      }
    },
    OperatorFamily("MapLoop") { d in
      let shape: Shape = [d.below(5), 1 + d.below(3), 1 + d.below(3)]
      let points = try [d.tensor(shape), d.tensor([shape[0], shape[2]]), d.tensor([shape[2], 2])]
      return OperatorUse(points) { g, x in
        g.map(over: [x[0], x[1]]) { slices in
          [tanh(matmul(slices[0] * slices[1], x[2])), sum(square(slices[1]))]
        }
      }
    },
    OperatorFamily("Branch") { d in
      let shape = d.shape()
      let taken = try Tensor([d.coin()], shape: [])
      return OperatorUse([taken, try d.tensor(shape), try d.tensor(shape)]) { g, x in
        g.cond(x[0]) {
          [x[1] * x[2]]
        } else: {
          [tanh(x[1])]
        }
      }
    },
    OperatorFamily("WhileLoop") { d in
      OperatorUse([try d.tensor(d.shape()), Tensor(Int64(d.below(4)))], order: 0) { g, x in
        let counted = g.whileLoop(carrying: [x[1], stopGradient(x[0])]) { carried in
          carried[0] .< 6
        } do: { carried in
          [carried[0] + 1, tanh(carried[1] + 0.5)]
        }
        return [counted[1].isPoisoned ? counted[1] : stopGradient(counted[1])]
      }
    },
    OperatorFamily("Awaiting") { d in
      let shape = d.shape(2...2)
      return OperatorUse([try d.tensor(shape), try d.tensor([shape[1], 1 + d.below(3)])]) { g, x in
        let inner = g.recompute { () -> Value in
          let h = tanh(matmul(x[0], x[1]))
          return g.recompute { square(h) * h } + h
        }
        return [inner]
      }
    },
  ]
}
