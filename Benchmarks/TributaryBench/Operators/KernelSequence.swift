internal import Tributary
internal import TributaryMeasuring

/// The kernels of a graph, each over the whole of its outputs, one after the other on the calling thread, over memory laid
/// out once: what a plan's tasks call, without shards, tasks or scheduler.
///
/// SAFETY: the pointers that kernels are called with address storages of this object, 64-byte aligned and as long as the
/// values' types; an output shares an input's bytes only where the operator permits it and nobody reads the input later.
final class KernelSequence {
  private struct Call {
    let kernel: Kernel
    let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let operatorName: String
  }

  private var calls: [Call] = []
  private var storages: [TensorStorage] = []
  /// Where every output of every node lies.
  private var addresses: [[UnsafeMutableRawPointer]] = []
  private var scratch = TensorStorage(byteCount: 0)

  /// Floating-point operations, and bytes of what is fed and fetched.
  private(set) var work = CallWork(flops: 0, bytes: 0)

  /// The kernels of a graph without states, its inputs fed by name.
  /// - Throws: What the operators throw, and `BenchError` when an input is not fed.
  init(_ graph: Graph, feeding feeds: [String: Tensor]) throws {
    var isOwn: [Bool] = []
    var readers = KernelSequence.readers(graph)
    var scratchBytes = 0
    var bytesOfCalls = 0.0
    for node in graph.nodes {
      switch node.kind {
      case .constant(let tensor):
        storages.append(tensor.storage)
        addresses.append([tensor.storage.baseAddress])
        isOwn.append(false)
      case .input(let name):
        guard let tensor = feeds[name] else { throw BenchError("the input \(name) is not fed") }
        storages.append(tensor.storage)
        addresses.append([tensor.storage.baseAddress])
        isOwn.append(false)
        work.bytes += Double(tensor.type.byteCount)
      case .state: throw BenchError("a graph with states has no kernels of its own")
      case .apply(let applied):
        let signature = graph.signature(of: node)
        let inputs = node.inputs.map { addresses[$0.node][$0.output] }
        if let offset = applied.viewOffset(signature) {
          addresses.append([inputs[0] + offset * signature.inputs[0].dtype.byteCount])
          // Who reads the view reads the input's bytes, so that nobody may write them.
          isOwn.append(false)
          continue
        }
        let outputs = outputs(of: applied, signature, node.inputs, inputs, isOwn, readers)
        for input in node.inputs { readers[input, default: 0] -= 1 }
        let region = Region(whole: signature.outputs[0].shape)
        scratchBytes = max(scratchBytes, applied.scratchBytes(signature, region: region))
        let pointers = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(
          capacity: inputs.count + outputs.count)
        for (index, pointer) in (inputs + outputs).enumerated() { (pointers + index).initialize(to: pointer) }
        calls.append(
          Call(
            kernel: try applied.makeKernel(signature, region: region), pointers: pointers,
            operatorName: applied.name))
        addresses.append(outputs)
        isOwn.append(true)
        let cost = applied.cost(signature)
        work.flops += cost.flops
        bytesOfCalls += cost.bytesRead + cost.bytesWritten
      }
    }
    scratch = TensorStorage(byteCount: scratchBytes)
    for case .value(let id) in graph.fetches { work.bytes += Double(graph.type(of: id).byteCount) }
    // One operator may read a part of its operand only (the rows of a table), and its cost says so.
    if calls.count == 1 { work.bytes = min(work.bytes, bytesOfCalls) }
  }

  deinit { for call in calls { call.pointers.deallocate() } }

  /// The names of the implementations, each once.
  var implementations: [String] {
    var seen: Set<String> = []
    return calls.map(\.kernel.implementation).filter { seen.insert($0).inserted }
  }

  /// Calls every kernel once.
  /// - Throws: `KernelFault` when a kernel refuses a value.
  func run() throws {
    for call in calls {
      let status = call.kernel.body(
        KernelArguments(pointers: call.pointers, scratch: scratch.baseAddress))
      guard status == .success else { throw KernelFault(operatorName: call.operatorName, status: status) }
    }
  }

  /// What the graph fetches, as the last call of `run` left it.
  func fetches(of graph: Graph) throws -> [Tensor] {
    var results: [Tensor] = []
    for case .value(let id) in graph.fetches {
      let type = graph.type(of: id)
      var copy = try Tensor(zeros: type)
      copy.withUnsafeMutableBytes { bytes in
        bytes.copyMemory(
          from: UnsafeRawBufferPointer(start: addresses[id.node][id.output], count: type.byteCount))
      }
      results.append(copy)
    }
    return results
  }

  /// How often each value is read; a fetch reads as well.
  private static func readers(_ graph: Graph) -> [ValueID: Int] {
    var readers: [ValueID: Int] = [:]
    for node in graph.nodes { for input in node.inputs { readers[input, default: 0] += 1 } }
    for case .value(let id) in graph.fetches { readers[id, default: 0] += 1 }
    return readers
  }

  /// The addresses of an operator's outputs: those of inputs that it may overwrite, as a plan would have it, else new ones.
  private func outputs(
    of applied: any Operator, _ signature: Signature, _ inputs: [ValueID],
    _ addresses: [UnsafeMutableRawPointer], _ isOwn: [Bool], _ readers: [ValueID: Int]
  ) -> [UnsafeMutableRawPointer] {
    var taken: Set<Int> = []
    return signature.outputs.enumerated().map { output, type in
      for (index, input) in inputs.enumerated()
      where isOwn[input.node] && readers[input] == 1 && !taken.contains(index)
        && applied.mayOverwrite(input: index, withOutput: output, signature)
      {
        taken.insert(index)
        return addresses[index]
      }
      let storage = TensorStorage(byteCount: type.byteCount)
      storages.append(storage)
      return storage.baseAddress
    }
  }
}
