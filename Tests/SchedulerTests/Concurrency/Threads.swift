import Glibc

/// Runs a body on so many threads of their own at once and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  final class Job: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void

    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }
  var handles: [pthread_t] = []
  for index in 0..<count {
    var handle = pthread_t()
    // SAFETY: the thread takes the reference over.
    let job = Unmanaged.passRetained(Job(index, body)).toOpaque()
    let code = pthread_create(
      &handle, nil,
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
func startThread(_ body: @escaping @Sendable () -> Void) {
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
