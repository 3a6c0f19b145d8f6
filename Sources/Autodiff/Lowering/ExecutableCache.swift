internal import Synchronization

/// Executables of one model for inputs of many shapes: each compiled at its first use, those used last kept within a bound of
/// bytes.
///
/// ```swift
/// let cache = ExecutableCache { (length: Int, options) throws(GraphError) in
///   let g = GraphBuilder()
///   let x = g.input("x", [length, 64])
///   return try g.compile(fetching: [model(x)], options: options)
/// }
/// let y = try cache.executable(for: 17).run(on: .shared, store, feedingByName: ["x": tensor])
/// ```
///
/// The key is whatever the shapes follow from: a shape, several, the size of a batch. All executables share one pool of
/// arenas, so that values take memory for the runs that happen at the same time and not for every shape, and one
/// ``ParameterStore`` serves all whose states are alike. A cache may be used by several threads at once: a key is compiled
/// once, whoever else wants it waits, and who wants another does not.
///
/// An executable that is taken out for lack of room stays valid for those who hold it, and is freed with its last use.
public final class ExecutableCache<Key: Hashable & Sendable>: Sendable {
  /// Makes the executable for a key, with the options that it is handed: they hold the pool of arenas. It must not ask the cache for
  /// the same key.
  public typealias Compile = @Sendable (Key, CompileOptions) throws(GraphError) -> Executable

  /// What is held for a key, from the moment that somebody asks for it.
  private final class Entry: Sendable {
    let made = Mutex<Executable?>(nil)
  }

  /// How often the cache had what it was asked for.
  public struct Statistics: Hashable, Sendable {
    /// Calls that found an executable.
    public internal(set) var hits = 0
    /// Calls that compiled one.
    public internal(set) var compilations = 0
    /// Executables taken out for lack of room.
    public internal(set) var evictions = 0
  }

  private struct Contents: Sendable {
    var kept: PlanCache<Key, Entry>
    /// What is being compiled.
    var pending: [Key: Entry] = [:]
    var statistics = Statistics()
  }

  /// The bytes that executables have together where nothing else is said: 256 MiB, some hundred plans of ten thousand operators.
  /// Untuned.
  public static var defaultByteLimit: Int { 256 << 20 }

  /// Where the executables take their arenas from.
  public let arenas: ArenaPool

  private let contents: Mutex<Contents>
  private let options: CompileOptions
  private let compile: Compile

  /// An empty cache.
  /// - Parameters:
  ///   - byteLimit: The ``Executable/residentBytes`` that the executables kept may have together; the one used last is kept
  ///     whatever it has, as its user holds it.
  ///   - options: Settings of all compilations. Where they name no pool of arenas, the cache has one of its own.
  ///   - compile: Makes the executable for a key.
  public init(
    byteLimit: Int = defaultByteLimit, options: CompileOptions = CompileOptions(),
    compile: @escaping Compile
  ) {
    contents = Mutex(Contents(kept: PlanCache(byteLimit: byteLimit)))
    var options = options
    arenas = options.arenaPool ?? ArenaPool()
    options.arenaPool = arenas
    self.options = options
    self.compile = compile
  }

  /// The executable for a key, which is compiled if it is not kept.
  ///
  /// Blocks while this key is compiled, by this thread or by another.
  /// - Throws: The `GraphError` of the compilation. Nothing is kept then: the next who asks tries again.
  public func executable(for key: Key) throws(GraphError) -> Executable {
    let entry = contents.withLock { contents in
      if let entry = contents.kept.use(key) ?? contents.pending[key] { return entry }
      let entry = Entry()
      contents.pending[key] = entry
      return entry
    }
    // Outside of the cache's lock, inside the entry's.
    return try entry.made.withLock { made throws(GraphError) in
      if let made {
        keep(entry, made, for: key, isNew: false)
        return made
      }
      do throws(GraphError) {
        let new = try compile(key, options)
        made = new
        keep(entry, new, for: key, isNew: true)
        return new
      } catch {
        contents.withLock { contents in
          if contents.pending[key] === entry { contents.pending[key] = nil }
        }
        throw error
      }
    }
  }

  /// Keeps an executable at its present size, which grows with the runs that it has had at the same time.
  private func keep(_ entry: Entry, _ executable: Executable, for key: Key, isNew: Bool) {
    let bytes = executable.residentBytes
    // What is taken out is freed outside of the lock.
    let removed = contents.withLock { contents in
      if contents.pending[key] === entry { contents.pending[key] = nil }
      if isNew { contents.statistics.compilations += 1 } else { contents.statistics.hits += 1 }
      let removed = contents.kept.keep(entry, for: key, byteCount: bytes)
      contents.statistics.evictions += removed.count
      return removed
    }
    withExtendedLifetime(removed) {}
  }

  /// The number of executables kept.
  public var count: Int { contents.withLock { $0.kept.count } }

  /// The bytes of the executables kept, each as large as when it was last asked for. Arenas are the pool's.
  public var byteCount: Int { contents.withLock { $0.kept.byteCount } }

  /// The keys of the executables kept, the one asked for last first.
  public var keys: [Key] { contents.withLock { $0.kept.keys } }

  /// What the cache has done so far.
  public var statistics: Statistics { contents.withLock { $0.statistics } }

  /// Lets go of all executables.
  public func removeAll() {
    let former = contents.withLock { contents in
      let former = contents.kept
      contents.kept = PlanCache(byteLimit: former.byteLimit)
      return former
    }
    withExtendedLifetime(former) {}
  }
}
