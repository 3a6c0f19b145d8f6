internal import Synchronization

/// Arenas that runs borrow: executables that share a pool share memory while they do not run at the same time, as a plan
/// for full batches and one for the last batch of an epoch do.
public final class ArenaPool: Sendable {
  /// The largest number of arenas that are kept while nobody uses them.
  public static let idleLimit = 4

  private let idle: Mutex<[Arena]>
  private let allocated = Atomic(0)

  /// An empty pool.
  public init() {
    var arenas: [Arena] = []
    arenas.reserveCapacity(ArenaPool.idleLimit)
    idle = Mutex(arenas)
  }

  deinit {
    for arena in idle.withLock({ $0 }) { arena.deallocate() }
  }

  /// The bytes of the arenas that nobody uses just now.
  public var idleBytes: Int { idle.withLock { $0.reduce(0) { $0 + $1.byteCount } } }

  /// The bytes of all arenas, idle and lent.
  public var byteCount: Int {
    // Relaxed: a figure for reports, which orders nothing.
    allocated.load(ordering: .relaxed)
  }

  private func free(_ arena: Arena) {
    allocated.subtract(arena.byteCount, ordering: .relaxed)
    arena.deallocate()
  }

  /// An arena with at least the given bytes: the one given back last if it is large enough.
  func take(byteCount: Int) -> Arena {
    let found: Arena? = idle.withLock { arenas in
      guard let index = arenas.lastIndex(where: { $0.byteCount >= byteCount }) else {
        // A larger one is about to take the place of the one that is too small.
        if let last = arenas.popLast() { free(last) }
        return nil
      }
      return arenas.remove(at: index)
    }
    if let found { return found }
    let made = Arena(byteCount: byteCount)
    allocated.add(made.byteCount, ordering: .relaxed)
    return made
  }

  /// Takes an arena back.
  func give(_ arena: Arena) {
    idle.withLock { arenas in
      if arenas.count >= ArenaPool.idleLimit { free(arenas.removeFirst()) }
      arenas.append(arena)
    }
  }
}
