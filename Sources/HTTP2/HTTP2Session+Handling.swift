/// The time between a request and the end of its handler, which may outlive the stream.
extension HTTP2Session {
  /// Keeps an object with a stream whose request was received, until `handlerEnded`.
  public func attach(_ object: AnyObject, to stream: Int32) {
    unsafe state.pointee.streams.find(stream)?.pointee.attachment = object
  }

  /// What is kept with a stream.
  public func attachment(of stream: Int32) -> AnyObject? {
    unsafe state.pointee.streams.find(stream)?.pointee.attachment
  }

  /// What is kept with any stream.
  public var attachments: [AnyObject] {
    var all: [AnyObject] = []
    unsafe state.pointee.streams.forEach { stream in
      if let object = unsafe stream.pointee.attachment { all.append(object) }
    }
    return all
  }

  /// Tells that the request of a stream is worked on no more: a stream that is closed counts as
  /// open until then. For every stream whose request was received.
  public func handlerEnded(stream id: Int32) {
    guard let stream = unsafe state.pointee.streams.find(id) else { return }
    if unsafe stream.pointee.flags.contains(.closed) {
      unsafe state.pointee.streams.remove(id)
    } else {
      unsafe stream.pointee.flags.remove(.handlerRuns)
      unsafe stream.pointee.attachment = nil
    }
  }
}
