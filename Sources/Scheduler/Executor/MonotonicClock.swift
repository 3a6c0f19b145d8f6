/// Nanoseconds of the system's monotonic clock, some 25 ns a call and no system call.
@inline(__always)
func monotonicNanoseconds() -> Int64 { Machine.nanoseconds }

/// Lets the other hardware thread of the core go first for a moment.
@inline(__always)
func spinBriefly() { Machine.relax() }
