import CNghttp2

/// Methods that queue; the bytes leave by `produce`. What is sent on a closed stream is dropped.
extension HTTP2Session {
  // MARK: Responses and requests

  /// Queues the head of a response and what there is of its content.
  ///
  /// `body` follows what `withOutput` has put there. With `end` nothing follows but `trailers`.
  public func submitResponse(
    stream id: Int32, headers: HeaderList, body: consuming [UInt8] = [], end: Bool,
    trailers: HeaderList? = nil
  ) {
    guard let stream = unsafe openStream(id) else { return }
    unsafe queue(body, on: stream)
    if end { unsafe finish(stream, trailers) }
    let hasContent = unsafe hasContent(stream)
    var provider = unsafe SessionCallbacks.dataProvider
    _ = unsafe headers.withNameValues { list, count in
      hasContent
        ? unsafe nghttp2_submit_response(handle, id, list, count, &provider)
        : unsafe nghttp2_submit_response(handle, id, list, count, nil)
    }
  }

  /// Queues an interim response (a status of 1xx); the final one follows.
  public func submitInterimResponse(stream id: Int32, headers: HeaderList) {
    guard unsafe openStream(id) != nil else { return }
    _ = unsafe headers.withNameValues { list, count in
      unsafe nghttp2_submit_headers(handle, FrameFlag.none, id, nil, list, count, nil)
    }
  }

  /// Queues a request and what there is of its content; returns its stream.
  ///
  /// Beyond the peer's limit of streams it waits.
  /// - Throws: `sessionEnding` or `streamsExhausted`: use another connection.
  public func submitRequest(
    headers: HeaderList, body: consuming [UInt8] = [], end: Bool, trailers: HeaderList? = nil
  ) throws(HTTP2Error) -> Int32 {
    guard unsafe state.pointee.endReason == nil,
      unsafe nghttp2_session_check_request_allowed(handle) != 0
    else { throw .sessionEnding }
    let hasContent = !end || !body.isEmpty || trailers != nil
    var provider = unsafe SessionCallbacks.dataProvider
    let id = unsafe headers.withNameValues { list, count in
      hasContent
        ? unsafe nghttp2_submit_request(handle, nil, list, count, &provider, nil)
        : unsafe nghttp2_submit_request(handle, nil, list, count, nil, nil)
    }
    guard id > 0 else {
      throw id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue
        ? .streamsExhausted : .libraryFailure(code: id)
    }
    unsafe state.pointee.meter.streamOpened(at: state.pointee.now)
    let stream = unsafe state.pointee.streams.insert(id)
    unsafe stream.pointee.flags.insert(.announced)
    unsafe queue(body, on: stream)
    if end { unsafe finish(stream, trailers) }
    return id
  }

  // MARK: Content

  /// Queues content; false if the queue is full: wait for `streamWritable`.
  @discardableResult
  public func send(stream id: Int32, _ bytes: Span<UInt8>) -> Bool {
    withOutput(of: id) { output in
      unsafe bytes.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
    }
  }

  /// Lets `body` append content to what is queued; false if the queue is full: wait for
  /// `streamWritable`.
  @discardableResult
  public func withOutput(of id: Int32, _ body: (inout [UInt8]) -> Void) -> Bool {
    guard let stream = unsafe openStream(id), unsafe !stream.pointee.flags.contains(.outputEnded)
    else { return true }
    unsafe stream.pointee.compact()
    // Taken out while `body` runs, so that nothing it calls finds it half written.
    var output: [UInt8] = []
    unsafe swap(&output, &stream.pointee.body)
    let before = output.count
    body(&output)
    precondition(output.count >= before, "withOutput appends; it takes nothing away")
    let added = output.count - before
    unsafe swap(&output, &stream.pointee.body)
    return unsafe queued(added, on: stream)
  }

  /// Ends our side of a stream, after what is queued, with `trailers` if there are any.
  public func end(stream id: Int32, trailers: HeaderList? = nil) {
    guard let stream = unsafe openStream(id), unsafe !stream.pointee.flags.contains(.outputEnded)
    else { return }
    unsafe finish(stream, trailers)
    unsafe resume(stream)
  }

  /// Ends a stream at once, in both directions.
  ///
  /// `isPeersFault` counts it against the peer's resets.
  public func reset(stream id: Int32, errorCode: UInt32, isPeersFault: Bool = false) {
    guard let stream = unsafe openStream(id) else { return }
    if !isPeersFault { unsafe stream.pointee.flags.insert(.resetByApplication) }
    unsafe nghttp2_submit_rst_stream(handle, FrameFlag.none, id, errorCode)
  }

  /// Opens a stream's window by content that has been read or thrown away.
  public func consume(stream id: Int32, byteCount: Int) {
    unsafe nghttp2_session_consume_stream(handle, id, byteCount)
  }

  // MARK: The connection

  /// Queues a PING; its answer is `pingAcknowledged` with the same value.
  public func ping(_ value: UInt64) {
    let value = value.bigEndian
    unsafe withUnsafeBytes(of: value) { bytes in
      _ = unsafe nghttp2_submit_ping(
        handle, FrameFlag.none, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Queues the notice that the server will stop: a GOAWAY that still allows every stream.
  ///
  /// After a round trip (a `ping`) `goAway` names the last one.
  public func shutdownNotice() {
    unsafe nghttp2_submit_shutdown_notice(handle)
  }

  /// Queues a GOAWAY without a fault: streams that are open go on, later ones are not taken.
  public func goAway() {
    unsafe state.pointee.takesNoStream = true
    _ = unsafe nghttp2_submit_goaway(
      handle, FrameFlag.none, nghttp2_session_get_last_proc_stream_id(handle),
      HTTP2ErrorCode.noError, nil, 0)
  }

  /// Queues a GOAWAY after which the session neither reads nor writes.
  public func terminate(errorCode: UInt32) {
    unsafe state.pointee.isTerminated = true
    unsafe nghttp2_session_terminate_session(handle, errorCode)
  }

  // MARK: The queue

  private func openStream(_ id: Int32) -> StreamTable.Stream? {
    guard let stream = unsafe state.pointee.streams.find(id),
      unsafe !stream.pointee.flags.contains(.closed)
    else { return nil }
    return unsafe stream
  }

  private func hasContent(_ stream: StreamTable.Stream) -> Bool {
    unsafe !stream.pointee.flags.contains(.outputEnded) || stream.pointee.queuedByteCount > 0
      || !stream.pointee.trailers.isEmpty
  }

  private func finish(_ stream: StreamTable.Stream, _ trailers: HeaderList?) {
    unsafe stream.pointee.flags.insert(.outputEnded)
    if let trailers { unsafe stream.pointee.trailers = trailers }
  }

  private func queue(_ bytes: consuming [UInt8], on stream: StreamTable.Stream) {
    let count = bytes.count
    guard count > 0 else { return }
    if unsafe stream.pointee.queuedByteCount == 0 {
      unsafe stream.pointee.body = bytes
      unsafe stream.pointee.bodyOffset = 0
    } else {
      unsafe stream.pointee.compact()
      unsafe stream.pointee.body += bytes
    }
    _ = unsafe queued(count, on: stream)
  }

  /// Takes note of bytes that were appended; false if the queue is full.
  private func queued(_ count: Int, on stream: StreamTable.Stream) -> Bool {
    unsafe state.pointee.queuedByteCount += count
    unsafe resume(stream)
    if unsafe stream.pointee.queuedByteCount > state.pointee.limits.outputHighWaterBytes {
      unsafe stream.pointee.flags.insert(.full)
    }
    return unsafe !stream.pointee.flags.contains(.full)
  }

  private func resume(_ stream: StreamTable.Stream) {
    guard unsafe stream.pointee.flags.contains(.deferred) else { return }
    unsafe stream.pointee.flags.remove(.deferred)
    unsafe nghttp2_session_resume_data(handle, stream.pointee.id)
  }
}
