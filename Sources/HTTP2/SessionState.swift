import CNghttp2
import Glibc

/// What nghttp2's callbacks read and write: they only append events, fill memory and count.
///
/// It lives at a fixed address, the `user_data` of the nghttp2 session, so that a callback
/// costs no reference counting.
@safe struct SessionState: ~Copyable {
  let isServer: Bool
  let limits: HTTP2Limits
  var now: Int64
  var events: [HTTP2Event] = []
  var arena = HeaderArena()
  var streams = StreamTable()
  var meter: AbuseMeter
  var endReason: HTTP2Error?
  /// The application ends the session, for a reason of its own.
  var isTerminated = false
  /// A GOAWAY that names the last stream is queued: a later one that was worked on, and refused when
  /// the GOAWAY leaves, would be done twice.
  var takesNoStream = false
  /// Bytes that all streams have queued.
  var queuedByteCount = 0
  /// The block of header fields that is arriving.
  var openBlock: OpenBlock?
  private var skipped = SkippedStreams()
  /// Where the bytes given to `receive` lie while nghttp2 reads them.
  private var inputAddress: UInt = 0
  private var inputCount = 0
  /// Content that has come in with the bytes given to `receive`.
  private(set) var contentByteCount = 0

  struct OpenBlock {
    let stream: Int32
    let kind: HeaderBlock.Kind
    let start: Int
    /// The size as RFC 9113 section 6.5.2 counts it.
    var listByteCount = 0
    var isTooLarge = false
    /// The first digit of `:status`, 0 without one.
    var statusClass: UInt8 = 0
  }

  init(isServer: Bool, limits: HTTP2Limits, now: Int64) {
    self.isServer = isServer
    self.limits = limits
    self.now = now
    meter = AbuseMeter(limits: limits, now: now)
  }

  mutating func beginInput(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    self.now = now
    inputAddress = UInt(bitPattern: bytes.baseAddress)
    inputCount = bytes.count
    contentByteCount = 0
  }

  // MARK: Received

  mutating func frameBegan(_ header: UnsafePointer<nghttp2_frame_hd>) -> Int32 {
    let type = unsafe header.pointee.type
    if type == FrameType.continuation { return pass(meter.continuationReceived()) }
    openBlock = nil
    meter.continuationsEnded()
    switch type {
    case FrameType.data:
      // Of a padded frame that is short only its end tells whether it has content.
      if unsafe header.pointee.flags & FrameFlag.endStream != 0 || header.pointee.length > 256 {
        meter.contentReceived()
      } else if unsafe header.pointee.flags & FrameFlag.padded == 0 {
        if unsafe header.pointee.length > 0 {
          meter.contentReceived()
        } else {
          return pass(meter.emptyDataReceived())
        }
      }
    case FrameType.headers where isServer:
      if unsafe !skipped.headersReceived(on: header.pointee.stream_id) {
        return end(
          .protocolViolation(
            code: HTTP2ErrorCode.protocolError, reason: "stream identifier below an earlier one"))
      }
    case FrameType.priority:
      return pass(meter.priorityReceived(at: now))
    case FrameType.resetStream where isServer:
      return pass(meter.streamReset(at: now))
    case FrameType.settings, FrameType.ping:
      return pass(meter.controlFrameReceived(at: now))
    case FrameType.windowUpdate:
      return pass(meter.windowUpdateReceived())
    default: break
    }
    return 0
  }

  mutating func headersBegan(
    _ session: OpaquePointer, _ frame: UnsafePointer<nghttp2_frame>
  ) -> Int32 {
    let stream = unsafe frame.pointee.hd.stream_id
    let category = unsafe frame.pointee.headers.cat
    if category == NGHTTP2_HCAT_REQUEST {
      meter.streamOpened(at: now)
      guard !takesNoStream, streams.count < limits.concurrentStreamsMax else {
        unsafe nghttp2_submit_rst_stream(
          session, FrameFlag.none, stream, HTTP2ErrorCode.refusedStream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
      }
      _ = unsafe streams.insert(stream)
    }
    openBlock = OpenBlock(
      stream: stream,
      kind: category == NGHTTP2_HCAT_REQUEST
        ? .request : category == NGHTTP2_HCAT_RESPONSE ? .response : .trailers,
      start: arena.count)
    return 0
  }

  mutating func headerReceived(
    _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>,
    _ valueCount: Int
  ) -> Int32 {
    guard openBlock != nil else { return 0 }
    openBlock!.listByteCount += nameCount + valueCount + 32
    let listByteCount = openBlock!.listByteCount
    if listByteCount > limits.headerListBytesMax {
      openBlock!.isTooLarge = true
      return listByteCount > limits.headerListBytesEnd ? end(.limitReached(.headerList)) : 0
    }
    if arena.byteCount > limits.pendingHeaderBytesMax { return end(.limitReached(.headerList)) }
    let token = unsafe HeaderName(name, count: nameCount)
    if token == .status, valueCount > 0 { openBlock!.statusClass = unsafe value[0] }
    unsafe arena.append(name, nameCount, value, valueCount, as: token)
    return 0
  }

  mutating func dataReceived(_ stream: Int32, _ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    meter.contentReceived()
    let offset = UInt(bitPattern: data) &- inputAddress
    guard offset < UInt(inputCount), Int(offset) + count <= inputCount else {
      return end(.libraryFailure(code: NGHTTP2_ERR_INVALID_ARGUMENT.rawValue))
    }
    contentByteCount += count
    events.append(
      .dataReceived(stream: stream, offset: Int(offset), count: count, endStream: false))
    return 0
  }

  mutating func frameReceived(
    _ session: OpaquePointer, _ frame: UnsafePointer<nghttp2_frame>
  ) -> Int32 {
    let header = unsafe frame.pointee.hd
    let endsStream = header.flags & FrameFlag.endStream != 0
    switch header.type {
    case FrameType.data:
      if endsStream {
        endInput(of: header.stream_id)
      } else if header.flags & FrameFlag.padded != 0,
        unsafe header.length <= frame.pointee.data.padlen
      {
        return pass(meter.emptyDataReceived())
      } else {
        unsafe inputGoesOn(session, header.stream_id)
      }
    case FrameType.headers:
      closeBlock(endsStream: endsStream)
    case FrameType.settings where header.flags & FrameFlag.acknowledgement == 0:
      events.append(.settingsReceived)
    case FrameType.ping where header.flags & FrameFlag.acknowledgement != 0:
      let value = unsafe withUnsafeBytes(of: frame.pointee.ping.opaque_data) {
        unsafe $0.loadUnaligned(as: UInt64.self)
      }
      events.append(.pingAcknowledged(UInt64(bigEndian: value)))
    case FrameType.goAway:
      unsafe events.append(
        .goAwayReceived(
          lastStream: frame.pointee.goaway.last_stream_id,
          errorCode: frame.pointee.goaway.error_code))
    default: break
    }
    return 0
  }

  /// The last data event of the stream says that it is the last, if it is still at hand.
  private mutating func endInput(of stream: Int32) {
    unsafe streams.find(stream)?.pointee.flags.insert(.inputEnded)
    if case .dataReceived(stream, let offset, let count, false) = events.last {
      events[events.count - 1] = .dataReceived(
        stream: stream, offset: offset, count: count, endStream: true)
    } else {
      events.append(.dataReceived(stream: stream, offset: 0, count: 0, endStream: true))
    }
  }

  private mutating func closeBlock(endsStream: Bool) {
    guard let block = openBlock else { return }
    openBlock = nil
    var kind = block.kind
    if isServer {
      if let stream = unsafe streams.find(block.stream) {
        if kind == .request { unsafe stream.pointee.flags.formUnion([.announced, .handlerRuns]) }
        if endsStream { unsafe stream.pointee.flags.insert(.inputEnded) }
      }
    } else if block.statusClass != 0 {
      kind = block.statusClass == UInt8(ascii: "1") ? .interimResponse : .response
    }
    events.append(
      .headersReceived(
        stream: block.stream,
        HeaderBlock(
          kind: kind, isTooLarge: block.isTooLarge, start: block.start, end: arena.count),
        endStream: endsStream))
  }

  mutating func invalidFrameReceived() -> Int32 {
    openBlock = nil
    return pass(meter.glitch())
  }

  // MARK: Sent

  /// Copies queued bytes of a stream into a DATA frame.
  mutating func read(
    _ session: OpaquePointer, _ id: Int32, into buffer: UnsafeMutablePointer<UInt8>,
    _ capacity: Int, _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard let stream = unsafe streams.find(id) else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    let queued = unsafe stream.pointee.queuedByteCount
    let count = min(queued, capacity)
    if count > 0 {
      unsafe stream.pointee.body.withUnsafeBufferPointer { body in
        _ = unsafe memcpy(
          buffer, body.baseAddress.unsafelyUnwrapped + stream.pointee.bodyOffset, count)
      }
      unsafe stream.pointee.bodyOffset += count
      unsafe stream.pointee.flags.insert(.hasMoved)
      queuedByteCount -= count
      if unsafe stream.pointee.flags.contains(.full), queued - count <= limits.outputLowWaterBytes {
        unsafe stream.pointee.flags.remove(.full)
        events.append(.streamWritable(stream: id))
      }
    }
    if unsafe stream.pointee.flags.contains(.outputEnded) {
      if count == queued {
        unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if unsafe !stream.pointee.trailers.isEmpty {
          unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
          let result = unsafe stream.pointee.trailers.withNameValues { list, count in
            unsafe nghttp2_submit_trailer(session, id, list, count)
          }
          if result != 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        }
      }
    } else if count == 0 {
      unsafe stream.pointee.flags.insert(.deferred)
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    return count
  }

  mutating func frameSent(
    _ session: OpaquePointer, _ frame: UnsafePointer<nghttp2_frame>
  ) {
    let header = unsafe frame.pointee.hd
    switch header.type {
    case FrameType.data:
      meter.dataSent()
      if header.flags & FrameFlag.endStream != 0 { outputEnded(header.stream_id) }
    case FrameType.headers:
      if header.flags & FrameFlag.endStream != 0 { outputEnded(header.stream_id) }
    case FrameType.resetStream:
      let stream = unsafe streams.find(header.stream_id)
      if unsafe stream?.pointee.flags.contains(.resetByApplication) != true {
        unsafe resetSent(session, frame.pointee.rst_stream.error_code)
      }
    case FrameType.goAway:
      let goAway = unsafe frame.pointee.goaway
      if endReason == nil, !isTerminated, unsafe goAway.error_code != HTTP2ErrorCode.noError {
        let text = unsafe UnsafeBufferPointer(
          start: goAway.opaque_data, count: goAway.opaque_data_len)
        unsafe endReason = .protocolViolation(
          code: goAway.error_code, reason: String(decoding: text, as: UTF8.self))
      }
    default: break
    }
  }

  /// A response has left. What the client still sends is not wanted, RFC 9113 section 8.1; but the
  /// end of a short request is on its way mostly, and clients there are (curl 7.88) that take a reset
  /// for a failure whatever they have received. So it is said to those who go on sending.
  private func outputEnded(_ id: Int32) {
    guard isServer, let stream = unsafe streams.find(id),
      unsafe !stream.pointee.flags.contains(.inputEnded)
    else { return }
    unsafe stream.pointee.flags.insert(.answeredEarly)
  }

  /// Content came of a request that goes on behind it.
  private func inputGoesOn(_ session: OpaquePointer, _ id: Int32) {
    guard isServer, let stream = unsafe streams.find(id),
      unsafe stream.pointee.flags.contains(.answeredEarly)
    else { return }
    unsafe endAnswered(stream, session)
  }

  /// Tells the client of an answered stream to send no more.
  func endAnswered(_ stream: StreamTable.Stream, _ session: OpaquePointer) {
    if unsafe stream.pointee.flags.contains(.resetByApplication) { return }
    unsafe stream.pointee.flags.insert(.resetByApplication)
    unsafe nghttp2_submit_rst_stream(
      session, FrameFlag.none, stream.pointee.id, HTTP2ErrorCode.noError)
  }

  /// A reset that the peer has provoked.
  ///
  /// What it leads to is said by a GOAWAY at once: a failure of this callback would make nghttp2
  /// send the same reset for ever.
  private mutating func resetSent(_ session: OpaquePointer, _ errorCode: UInt32) {
    let reason: HTTP2Error
    if errorCode == HTTP2ErrorCode.flowControlError {
      // A window that SETTINGS overflow ends the connection (RFC 9113 section 6.9.2), and any
      // other may; nghttp2 resets the stream for all of them.
      reason = .protocolViolation(code: errorCode, reason: "a flow-control window overflowed")
    } else if isServer, let limit = meter.streamReset(at: now) {
      reason = .limitReached(limit)
    } else {
      return
    }
    guard endReason == nil else { return }
    endReason = reason
    unsafe GoAway.submit(for: reason, on: session)
  }

  mutating func frameNotSent(
    _ session: OpaquePointer, _ frame: UnsafePointer<nghttp2_frame>, _ error: Int32
  ) -> Int32 {
    let id = unsafe frame.pointee.hd.stream_id
    guard unsafe frame.pointee.hd.type == FrameType.headers, let stream = unsafe streams.find(id)
    else { return 0 }
    unsafe stream.pointee.flags.insert(.neverSent)
    if isServer, error == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue {
      // An answer with more header than nghttp2 sends: without this the peer would wait for it.
      unsafe stream.pointee.flags.insert(.resetByApplication)
      unsafe nghttp2_submit_rst_stream(session, FrameFlag.none, id, HTTP2ErrorCode.internalError)
    }
    return 0
  }

  mutating func streamClosed(_ id: Int32, _ errorCode: UInt32) -> Int32 {
    guard let stream = unsafe streams.find(id) else { return 0 }
    queuedByteCount -= unsafe stream.pointee.queuedByteCount
    let flags = unsafe stream.pointee.flags
    if flags.contains(.announced) {
      let code =
        flags.contains(.neverSent) && !isServer ? HTTP2ErrorCode.refusedStream : errorCode
      events.append(.streamClosed(stream: id, errorCode: code))
    }
    if flags.contains(.handlerRuns) {
      unsafe stream.pointee.flags.insert(.closed)
      unsafe stream.pointee.dropOutput()
    } else {
      streams.remove(id)
    }
    return 0
  }

  // MARK: The end

  private mutating func pass(_ limit: HTTP2Limit?) -> Int32 {
    guard let limit else { return 0 }
    return end(.limitReached(limit))
  }

  /// Makes nghttp2 stop; the session then says GOAWAY.
  private mutating func end(_ reason: HTTP2Error) -> Int32 {
    if endReason == nil { endReason = reason }
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }
}
