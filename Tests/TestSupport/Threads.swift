import Glibc

/// Runs a body on so many threads of their own at once and waits for all.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  onThreads(count, stackSize: nil, body)
}

/// Runs a body on a thread with a stack of so many bytes and waits for it.
public func onThread(stackSize: Int, _ body: @escaping @Sendable () -> Void) {
  onThreads(1, stackSize: stackSize) { _ in body() }
}

private func onThreads(_ count: Int, stackSize: Int?, _ body: @escaping @Sendable (Int) -> Void) {
  final class Job: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void

    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  if let stackSize { precondition(pthread_attr_setstacksize(&attributes, stackSize) == 0) }
  var handles: [pthread_t] = []
  for index in 0..<count {
    var handle = pthread_t()
    // SAFETY: the thread takes the reference over.
    let job = Unmanaged.passRetained(Job(index, body)).toOpaque()
    let code = pthread_create(
      &handle, &attributes,
      { raw in
        if let raw {
          let job = Unmanaged<Job>.fromOpaque(raw).takeRetainedValue()
          job.body(job.index)
        }
        return nil
      }, job)
    precondition(code == 0)
    handles.append(handle)
  }
  for handle in handles { pthread_join(handle, nil) }
}

/// Runs a body on a thread of its own, for which nobody waits.
public func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Job: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var handle = pthread_t()
  // SAFETY: the thread takes the reference over.
  let job = Unmanaged.passRetained(Job(body)).toOpaque()
  let code = pthread_create(
    &handle, nil,
    { raw in
      if let raw { Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body() }
      return nil
    }, job)
  precondition(code == 0)
  pthread_detach(handle)
}
