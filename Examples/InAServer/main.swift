import Synchronization
import TributaryScheduler

/// One request: what it asks, and the answer that its run writes.
final class Request: Sendable {
  let values: [Double]
  let answer = Mutex(0.0)
  let cancellation = CancellationToken()

  init(_ values: [Double]) { self.values = values }
}

/// The request that a run was given.
func request(of context: borrowing TaskContext) throws -> Request {
  struct NoRequest: Error {}
  guard let argument = context.argument else { throw NoRequest() }
  // SAFETY: respond keeps the request alive until its run is over.
  return Unmanaged<Request>.fromOpaque(argument).takeUnretainedValue()
}

/// The graph of every request; built once.
func makeGraph() throws -> TaskGraph {
  var dag = TaskGraphBuilder(name: "request")
  let check = dag.add("check") { context in _ = try request(of: context) }
  dag.add("sum", after: check) { context in
    let request = try request(of: context)
    request.answer.withLock { $0 = request.values.reduce(0, +) }
  }
  return try dag.build()
}

/// Runs one request without blocking a thread.
func respond(to request: Request, with graph: TaskGraph) async -> String {
  defer { withExtendedLifetime(request) {} }
  // SAFETY: as in request(of:).
  let argument = Unmanaged.passUnretained(request).toOpaque()
  let options = RunOptions(deadline: .seconds(2), cancellation: request.cancellation)
  do {
    try await GraphExecutor.shared.run(graph, argument: argument, options: options)
    return "200 \(request.answer.withLock { $0 })"
  } catch {
    switch error.code {
    case .deadlineExceeded: return "504 too late"
    case .cancelled: return "499 given up"
    case .shutDown: return "503 going down"
    default: return "500 \(error)"
    }
  }
}

let graph = try makeGraph()

// Forty requests at once, and one whose client has gone.
let total = await withTaskGroup(of: String.self) { group in
  for number in 0..<40 {
    group.addTask { await respond(to: Request([Double(number), 1]), with: graph) }
  }
  var answered = 0
  for await line in group where line.hasPrefix("200") { answered += 1 }
  return answered
}
print(total, "requests answered")

let abandoned = Request([1, 2, 3])
abandoned.cancellation.cancel()
print(await respond(to: abandoned, with: graph))

GraphExecutor.shared.shutdown()
print(await respond(to: Request([1]), with: graph))
