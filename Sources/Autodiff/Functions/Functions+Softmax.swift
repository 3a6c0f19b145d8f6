internal import TributaryOps

/// eˣ / Σeˣ along an axis, without overflow.
public func softmax(_ x: Value, axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit("softmax", [x], SourceSite(file, line)) { () throws(ShapeError) in
    Softmax(axis: try x.shape.resolved(axis: axis))
  }
}

/// x − log Σeˣ along an axis, without overflow.
public func logSoftmax(_ x: Value, axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Value
{
  x.builder.emit("log_softmax", [x], SourceSite(file, line)) { () throws(ShapeError) in
    LogSoftmax(axis: try x.shape.resolved(axis: axis))
  }
}
