internal import TributaryOps

extension Plan {
  /// A run of bytes in one of the spaces that tasks touch.
  struct Place: Hashable, Sendable {
    /// `arena`, `store`, `feeds`, `fetches` or `constants`.
    var space: String
    /// The first byte.
    var offset: Int
    /// The number of bytes.
    var byteCount: Int
  }

  /// The final task graph for anybody's checker, as JSON:
  /// `{"arena_bytes": n, "tasks": [{"id": n, "name": s, "after": [ids], "reads": [[space, offset, bytes]], "writes": […]}]}`.
  ///
  /// Every byte that a task touches is listed, scratch excepted; what a task reads after it has written it itself is
  /// listed under `writes` only. The spaces are `arena`, `store`, `feeds`, `fetches` and `constants`; in all but the
  /// arena the tensors lie one after the other, each at a multiple of 64 bytes, in the graph's order.
  public var json: String {
    var result = "{\"arena_bytes\": \(arenaBytes), \"tasks\": ["
    for task in 0..<taskCount {
      let touched = accesses(of: task)
      var after = tasks.predecessors(of: task).map(Int.init)
      if keepsMemoryEdges { after += memoryPredecessors[task].map(Int.init) }
      result += task == 0 ? "\n" : ",\n"
      result += "{\"id\": \(task), \"name\": \(Plan.quoted(taskName(task))), "
      result += "\"after\": [\(after.sorted().map(String.init).joined(separator: ", "))], "
      result += "\"reads\": [\(touched.reads.map(Plan.tuple).joined(separator: ", "))], "
      result += "\"writes\": [\(touched.writes.map(Plan.tuple).joined(separator: ", "))]}"
    }
    return result + "\n]}\n"
  }

  /// The bytes that a task reads before it has written them, and those that it writes.
  func accesses(of task: Int) -> (reads: [Place], writes: [Place]) {
    var reads: [Place] = []
    var writes: [Place] = []
    var seenRead = Set<Place>()
    var seenWritten = Set<Place>()
    for unit in tasks.units(of: task).lazy.map(Int.init) where units.step[unit] >= 0 {
      let step = graph.steps[Int(units.step[unit])]
      for (argument, value) in step.inputs.enumerated() {
        for place in places(of: value, units.inputRegion(unit, argument)) where !seenWritten.contains(place) {
          let isOwn = writes.contains {
            $0.space == place.space && $0.offset <= place.offset
              && place.offset + place.byteCount <= $0.offset + $0.byteCount
          }
          if !isOwn, seenRead.insert(place).inserted { reads.append(place) }
        }
      }
      for output in 0..<step.outputCount {
        for place in places(of: step.firstOutput + output, units.outputRegion(unit, output))
        where seenWritten.insert(place).inserted {
          writes.append(place)
        }
      }
    }
    return (reads, writes)
  }

  /// The contiguous runs of bytes of a region of a value.
  func places(of value: Int, _ region: Region) -> [Place] {
    let base = place(of: value)
    let type = graph.values[value].type
    var result: [Place] = []
    region.forEachRun(in: type.shape) { offset, length in
      let width = type.dtype.byteCount
      result.append(
        Place(space: base.space, offset: base.offset + offset * width, byteCount: length * width))
    }
    return result
  }

  /// Where a value's bytes are.
  func place(of value: Int) -> Place {
    let it = graph.values[value]
    func offset(_ types: some Sequence<TensorType>, _ index: Int) -> Int {
      types.prefix(index).alignedByteCount + it.byteOffset
    }
    let byteCount = it.type.byteCount
    switch graph.values[it.root].home {
    case .arena:
      let start = bufferOffset[Int(buffer[it.root])]
      return Place(space: "arena", offset: start + it.byteOffset, byteCount: byteCount)
    case .state(let index):
      return Place(space: "store", offset: offset(graph.states.lazy.map(\.type), index), byteCount: byteCount)
    case .feed(let index):
      return Place(space: "feeds", offset: offset(graph.feeds.lazy.map(\.type), index), byteCount: byteCount)
    case .fetch(let index):
      return Place(space: "fetches", offset: offset(graph.fetched, index), byteCount: byteCount)
    case .constant(let index):
      return Place(
        space: "constants", offset: offset(graph.constants.lazy.map(\.type), index), byteCount: byteCount)
    }
  }

  private static func tuple(_ place: Place) -> String {
    "[\"\(place.space)\", \(place.offset), \(place.byteCount)]"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
