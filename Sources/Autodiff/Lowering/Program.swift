internal import TributaryOps
internal import TributaryScheduler

/// One kernel call.
struct Instruction: ~Copyable {
  /// The kernel.
  let kernel: @Sendable (KernelArguments) -> KernelStatus
  /// Where its pointers begin in the run's table.
  let firstPointer: Int32
  /// The unit, for errors.
  let unit: Int32
  /// Whether it writes into the store, so that the run must be committed before.
  let assigns: Bool

  /// Calls the kernel in place: reading it out of memory first would count references.
  func run(_ arguments: KernelArguments) -> KernelStatus { kernel(arguments) }
}

/// What a run gives its tasks: raw addresses and nothing that counts references.
struct RunHeader {
  /// The addresses of all arguments of all instructions.
  var table: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The scratch memory of slot 0.
  var scratch: UnsafeMutableRawPointer
  /// The distance between the scratch memories of two slots, in bytes.
  var scratchStride: Int
  /// The store that the run uses, and what is around the run.
  let held: UnsafeMutablePointer<HeldStore.Frame>
}

/// What went wrong in a kernel.
struct KernelFault: Error {
  var unit: Int
  var status: KernelStatus
}

/// The kernels of a plan in raw memory, and what their arguments point at.
///
/// SAFETY: `@unchecked Sendable` since everything is written by the initialiser and only read afterwards, until `deinit`
/// frees it; whoever runs the task graph made from it keeps the program alive during the run.
final class Program: @unchecked Sendable {
  /// What one entry of a run's pointer table points at.
  struct Entry: Sendable {
    var home: StepGraph.Home
    var byteOffset: Int
  }

  /// One task's instructions, as its body captures them.
  struct TaskCode: @unchecked Sendable {
    // SAFETY: points into the program's instructions, which are constant while the program lives.
    let instructions: UnsafeMutablePointer<Instruction>
    let count: Int
  }

  /// The entries of the pointer table, instruction by instruction.
  let entries: [Entry]
  /// The names of the kernels' implementations, each once.
  let implementations: [String]
  /// The number of different kernels.
  let kernelCount: Int
  private let instructions: UnsafeMutablePointer<Instruction>
  private let count: Int
  /// The number of the first instruction of each task, and the count at the end.
  private let firstInstruction: [Int]

  /// Makes the kernels of a plan.
  /// - Throws: `GraphError` with code `plan` naming the operator that has no kernel for its types.
  init(_ plan: Plan) throws(GraphError) {
    let graph = plan.graph
    var entries: [Entry] = []
    var starts: [Int] = []
    var implementations: Set<String> = []
    var kernels = KernelCache()
    var implementation = ""
    let capacity = plan.units.count
    let instructions = UnsafeMutablePointer<Instruction>.allocate(capacity: max(capacity, 1))
    var count = 0
    for task in 0..<plan.taskCount {
      starts.append(count)
      for unit in plan.tasks.units(of: task).lazy.map(Int.init) where plan.units.step[unit] >= 0 {
        let index = Int(plan.units.step[unit])
        let signature = graph.signature(of: index)
        let region = plan.units.region(of: unit) ?? Region(whole: signature.outputs[0].shape)
        do {
          let kernel = try kernels.kernel(graph.steps[index].applied!, signature, region: region)
          if kernel.implementation != implementation {
            implementation = kernel.implementation
            implementations.insert(implementation)
          }
          (instructions + count).initialize(
            to: Instruction(
              kernel: kernel.body, firstPointer: Int32(entries.count), unit: Int32(unit),
              assigns: graph.assigns(index)))
          count += 1
        } catch {
          instructions.deinitialize(count: count)
          instructions.deallocate()
          let step = graph.steps[index]
          throw GraphError([
            GraphError.Issue(
              .plan, subject: step.applied!.name, message: error.message, operands: signature.inputs,
              scope: step.name, source: step.source)
          ])
        }
        for value in graph.steps[index].inputs { entries.append(Program.entry(plan, value)) }
        for value in graph.outputs(of: index) { entries.append(Program.entry(plan, value)) }
      }
    }
    starts.append(count)
    self.entries = entries
    self.implementations = implementations.sorted()
    self.instructions = instructions
    self.count = count
    kernelCount = kernels.madeCount
    firstInstruction = starts
  }

  deinit {
    instructions.deinitialize(count: count)
    instructions.deallocate()
  }

  /// The bytes of the instructions.
  var instructionBytes: Int { count * MemoryLayout<Instruction>.stride }

  /// What a value's pointer is.
  private static func entry(_ plan: Plan, _ value: Int) -> Entry {
    let root = plan.graph.values[value].root
    let home = plan.graph.values[root].home
    let start = home == .arena ? plan.bufferOffset[Int(plan.buffer[root])] : 0
    return Entry(home: home, byteOffset: start + plan.graph.values[value].byteOffset)
  }

  /// A task graph that runs the program, with given edges between the plan's tasks. Its bodies point into the program,
  /// which must outlive every run.
  func taskGraph(_ plan: Plan, edges: [(before: Int, after: Int)]) throws(SchedulerError) -> TaskGraph {
    var builder = TaskGraphBuilder(name: "step") { plan.taskName($0) }
    for task in 0..<plan.taskCount {
      let code = TaskCode(
        instructions: instructions + firstInstruction[task],
        count: firstInstruction[task + 1] - firstInstruction[task])
      builder.add(cost: TaskCost(seconds: plan.tasks.seconds[task])) { context in
        try Program.run(code, context)
      }
    }
    for edge in edges { builder.precede(TaskID(edge.before), TaskID(edge.after)) }
    return try builder.build()
  }

  /// Runs a task's kernels in their order, noting which store the run uses.
  private static func run(_ code: TaskCode, _ context: borrowing TaskContext) throws {
    guard let argument = context.argument else { return }
    let header = argument.assumingMemoryBound(to: RunHeader.self)
    guard header.pointee.held.pointee.isNeeded else { return try call(code, header, context) }
    try HeldStore.inside(header.pointee.held) { try call(code, header, context) }
  }

  @inline(__always)
  private static func call(
    _ code: TaskCode, _ header: UnsafeMutablePointer<RunHeader>, _ context: borrowing TaskContext
  ) throws {
    let scratch = header.pointee.scratch + context.workerIndex * header.pointee.scratchStride
    let table = header.pointee.table
    for index in 0..<code.count {
      if code.instructions[index].assigns, !context.commit() { return }
      let pointers = UnsafePointer(table + Int(code.instructions[index].firstPointer))
      let status = code.instructions[index].run(KernelArguments(pointers: pointers, scratch: scratch))
      if status.code != .success {
        throw KernelFault(unit: Int(code.instructions[index].unit), status: status)
      }
    }
  }
}
