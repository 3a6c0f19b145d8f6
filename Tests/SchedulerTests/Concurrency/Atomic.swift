import Synchronization

// In debug builds the scheduler has an atomic and a lock of its own, whose accesses are steps of a simulation. What tests keep for
// themselves is the standard library's; memory that they lend to the scheduler is of `TributaryScheduler.Atomic`.
typealias Atomic = Synchronization.Atomic
typealias Mutex = Synchronization.Mutex
