extension TaskGraphBuilder {
  /// A branch and a task that waits for it.
  struct Choice {
    var edge: Edge
    var branch: UInt32
  }

  /// Adds a task that runs when branches of conditions are taken. See `TaskCondition`.
  ///
  /// - Parameters:
  ///   - name: for errors, traces and dumps; empty stands for `task` and its number.
  ///   - branch: a branch that must be taken.
  ///   - branches: further ones: all of them, but of one condition's any.
  ///   - after: further tasks that must end before this one begins.
  ///   - acquiring: semaphores of which the task must hold a unit while it runs.
  ///   - cost: how long the body is expected to run.
  ///   - body: what the task does.
  /// - Complexity: amortised O(branches and tasks before it).
  @discardableResult
  public mutating func add(
    _ name: String = "", when branch: TaskBranch, _ branches: TaskBranch..., after: TaskID...,
    acquiring: [TaskSemaphore] = [], cost: TaskCost = .unknown, body: @escaping Body
  ) -> TaskID {
    let task = add(name, after: after, acquiring: acquiring, cost: cost, body: body)
    for branch in [branch] + branches { precede(branch, task) }
    return task
  }

  /// Adds a task that chooses between two branches, `isTrue` and `isFalse`.
  ///
  /// - Parameters:
  ///   - name: for errors, traces and dumps; empty stands for `task` and its number.
  ///   - after: the tasks that must end before this one begins.
  ///   - when: branches of other conditions that must be taken for this one to run.
  ///   - cost: how long the body is expected to run.
  ///   - body: the choice. If it throws, the run fails; where the run was committed before, neither branch is taken.
  /// - Complexity: amortised O(branches and tasks before it).
  public mutating func addCondition(
    _ name: String = "", after: TaskID..., when: [TaskBranch] = [], cost: TaskCost = .unknown,
    body: @escaping @Sendable (borrowing TaskContext) throws -> Bool
  ) -> TaskCondition {
    addCondition(name, branches: 2, after: after, when: when, cost: cost) { try body($0) ? 0 : 1 }
  }

  /// Adds a task that chooses one of several branches by number.
  ///
  /// - Parameters:
  ///   - name: for errors, traces and dumps; empty stands for `task` and its number.
  ///   - branches: how many there are, 1 to 63.
  ///   - after: the tasks that must end before this one begins.
  ///   - when: branches of other conditions that must be taken for this one to run.
  ///   - cost: how long the body is expected to run.
  ///   - body: the number of the branch to take. A number that is no branch's fails the task with a `SchedulerError` of code
  ///     `branchOutOfRange`.
  /// - Complexity: amortised O(branches and tasks before it).
  public mutating func addCondition(
    _ name: String = "", branches: Int, after: TaskID..., when: [TaskBranch] = [], cost: TaskCost = .unknown,
    body: @escaping @Sendable (borrowing TaskContext) throws -> Int
  ) -> TaskCondition {
    addCondition(name, branches: branches, after: after, when: when, cost: cost, body: body)
  }

  private mutating func addCondition(
    _ name: String, branches: Int, after: [TaskID], when: [TaskBranch], cost: TaskCost,
    body: @escaping @Sendable (borrowing TaskContext) throws -> Int
  ) -> TaskCondition {
    let task = add(name, after: after, cost: cost) { context in
      try context.choose(try body(context), of: branches)
    }
    if branches < 1 || branches > TaskCondition.maximumBranchCount {
      note(
        .invalidBranchCount,
        "condition “\(label(task.index))” of graph “\(self.name)” has \(branches) branches: give it 1 to "
          + "\(TaskCondition.maximumBranchCount)")
    }
    conditions[task.index] = branches
    for branch in when { precede(branch, task) }
    return TaskCondition(task: task, branchCount: branches)
  }

  /// Lets `task` run only if a branch is taken, and after its condition.
  ///
  /// - Complexity: amortised O(1).
  public mutating func precede(_ branch: TaskBranch, _ task: TaskID) {
    guard let count = conditions[branch.condition.index], branch.index >= 0, branch.index < count else {
      let condition = branch.condition
      note(
        .unknownBranch,
        "graph “\(name)” has no branch \(branch.index) of task \(condition) (“\(label(condition.index))”): use the branches of "
          + "conditions that its own addCondition returned")
      return
    }
    precede(branch.condition, task)
    guard let from = UInt32(exactly: branch.condition.index), let to = UInt32(exactly: task.index) else {
      return
    }
    choices.append(Choice(edge: Edge(from: from, to: to), branch: UInt32(branch.index)))
  }

  /// For each edge the branches that lead along it, one bit each; all bits for an edge that is no branch. Nil without
  /// conditions.
  func branchMasks(_ rows: CompressedRows) -> [UInt64]? {
    if conditions.isEmpty { return nil }
    var masks = [UInt64](repeating: .max, count: rows.targets.count)
    for choice in choices {
      let position = rows.position(of: choice.edge)
      if masks[position] == .max { masks[position] = 0 }
      masks[position] |= 1 << UInt64(choice.branch)
    }
    return masks
  }
}
