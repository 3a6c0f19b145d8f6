/// What only some graphs have, beside their tables: branches of conditions. In raw memory that the graph owns.
struct GraphExtras: ~Copyable {
  /// For each entry of the successor list the branches that lead along it, one bit each; `anyChoice` for an edge that is no
  /// branch. Nil without conditions.
  let branches: UnsafeMutablePointer<UInt64>?

  /// The bits of an edge that is no branch.
  static let anyChoice = UInt64.max
  /// The bit of "no branch", which only edges that are none have.
  static let noChoice: UInt64 = 63

  init(branches: [UInt64]?) {
    self.branches = branches.map { branches in
      let table = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, branches.count))
      for (position, mask) in branches.enumerated() { (table + position).initialize(to: mask) }
      return table
    }
  }

  deinit { branches?.deallocate() }
}
