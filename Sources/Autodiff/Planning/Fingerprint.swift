internal import TributaryOps

/// The digest of all that the bits of a run's results depend on besides the data.
struct Fingerprint {
  /// FNV-1a (Fowler, Noll, Vo) on 64 bits, twice, with different bases.
  private var low: UInt64 = 0xcbf2_9ce4_8422_2325
  private var high: UInt64 = 0x6c62_272e_07bb_0142

  private mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(UInt8(0))
  }

  private mutating func add(_ byte: UInt8) {
    low = (low ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    high = (high ^ UInt64(byte ^ 0x5a)) &* 0x0000_0100_0000_01b3
  }

  private mutating func add(_ number: Int) {
    withUnsafeBytes(of: number.littleEndian) { for byte in $0 { add(byte) } }
  }

  private mutating func add(_ type: TensorType) {
    add(UInt8(type.dtype.rawValue))
    add(type.rank)
    for length in type.shape { add(length) }
  }

  /// The digest of a graph compiled with settings on this machine, as 32 hexadecimal digits. O(graph).
  static func of(_ graph: Graph, _ options: CompileOptions) -> String {
    var digest = Fingerprint()
    digest.add(graph)
    digest.add(options.granularity.description)
    digest.add(KernelLibraries.description)
    return digest.text
  }

  private var text: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private mutating func add(_ graph: Graph) {
    for index in graph.nodes.indices {
      switch graph.nodes[index].kind {
      case .input(let name): add("input " + name)
      case .state(let index): add("state " + graph.states[index].name)
      case .constant(let tensor):
        add("constant")
        tensor.withUnsafeBytes { for byte in $0 { add(byte) } }
      case .apply(let applied):
        add(applied.name)
        for attribute in applied.attributes {
          add(attribute.name)
          add(attribute.value)
        }
      }
      for input in graph.nodes[index].inputs {
        add(input.node)
        add(input.output)
      }
      for type in graph.nodes[index].outputs { add(type) }
    }
    for fetch in graph.fetches {
      switch fetch {
      case .value(let id):
        add(id.node)
        add(id.output)
      case .stateAfter(let state): add(-1 - state)
      }
    }
    for assignment in graph.assignments {
      add(graph.states[assignment.state].name)
      add(assignment.value.node)
      add(assignment.value.output)
    }
  }
}
