import HTTP2
import RPC
import Reactor

/// A call on the client's side. Like `ServerCall`, it is touched on its connection's loop only,
/// which is what makes it Sendable; `next`, `send` and `finishRequests` go there.
final class ClientCall: @unchecked Sendable {
  /// How a call ended.
  struct Outcome: Sendable {
    /// Why it failed; nil if it succeeded.
    var error: RPCError?
    /// The service has certainly not seen the call: it can be repeated, whatever it does.
    var isUnseen = false
    /// Something is there that answers, be it with a failure.
    var isAnswered = false
    var metadata = ReplyMetadata()
    /// The messages that nobody took: of a unary call, its response.
    var messages: [[UInt8]] = []
  }

  let loop: EventLoop
  let form: CallForm
  private let compresses: Bool
  /// Kept until the call is forgotten: messages are taken when the connection is long closed.
  let connection: ClientConnection
  var stream: Int32 = 0
  private var reply: ReplyReader
  private var responses = IncomingMessages<[UInt8]>()
  private var isWritable = true
  private var requestsEnded = false
  private var hasReceived = false
  private(set) var outcome: Outcome?
  private var whenEnded: ((Outcome) -> Void)?
  private var waitingForMessage: CheckedContinuation<Void, Never>?
  private var waitingForRoom: CheckedContinuation<Void, Never>?

  init(
    _ connection: ClientConnection, _ form: CallForm, compresses: Bool, messageBytesMax: Int,
    whenEnded: ((Outcome) -> Void)?
  ) {
    self.connection = connection
    loop = connection.loop
    self.form = form
    self.compresses = compresses
    self.whenEnded = whenEnded
    reply = ReplyReader(form, messageBytesMax: messageBytesMax)
  }

  // MARK: The answer

  func receiveHead(_ block: HeaderBlock, _ read: (inout ReplyReader) -> Void, ended: Bool) {
    guard outcome == nil, block.kind != .interimResponse else { return }
    hasReceived = true
    if block.isTooLarge {
      return fail(
        RPCError(
          .resourceExhausted,
          "the answer's header fields are too large: let the service send less metadata"))
    }
    read(&reply)
    if let error = reply.headEnded(endStream: ended) { return fail(error) }
    if ended { end(reply.end()) }
  }

  func receive(_ bytes: Span<UInt8>, ended: Bool) {
    responses.received(byteCount: bytes.count)
    guard outcome == nil else { return settle() }
    var messages: [[UInt8]] = []
    var said: RPCError??
    var fault: RPCError?
    do throws(RPCError) {
      said = try reply.receive(bytes, ended: ended, &messages)
    } catch {
      fault = error
    }
    let headBytes = form.usesEnvelopes ? Envelope.headBytes : 0
    for message in messages { responses.append(message, byteCount: message.count + headBytes) }
    if let fault {
      fail(fault)
    } else if let said {
      end(said)
    } else if ended {
      end(reply.end())
    } else {
      settle()
      wake(&waitingForMessage)
    }
  }

  func reset(_ errorCode: UInt32) {
    guard outcome == nil else { return }
    let isUnseen = errorCode == HTTP2ErrorCode.refusedStream && !hasReceived
    end(
      RPCError(
        RPCCode(resetWith: errorCode),
        isUnseen
          ? "the service takes no further call on this connection"
          : "the service reset the call (error code \(errorCode))"),
      isUnseen: isUnseen)
  }

  func connectionLost(_ reason: ConnectionEnd) {
    end(RPCError(.unavailable, "the connection to the service was lost: \(reason)"))
  }

  /// Ends the call from this side, and tells the service.
  func fail(_ error: RPCError) {
    guard outcome == nil else { return }
    end(error)
    connection.reset(self)
  }

  private func end(_ error: RPCError?, isUnseen: Bool = false) {
    guard outcome == nil else { return }
    var outcome = Outcome(
      error: error, isUnseen: isUnseen,
      // Only who has heard nothing until the deadline knows nothing of the connection.
      isAnswered: error?.code != .unavailable && (hasReceived || error?.code != .deadlineExceeded),
      metadata: reply.metadata)
    if whenEnded != nil {
      while let message = responses.take() { outcome.messages.append(message) }
    }
    self.outcome = outcome
    settle()
    wake(&waitingForMessage)
    wake(&waitingForRoom)
    let action = whenEnded
    whenEnded = nil
    action?(outcome)
    // The service has ended the call although requests may still come: they are not wanted.
    if stream != 0, !requestsEnded { connection.reset(self) }
  }

  private func settle() {
    let allowance = responses.takeAllowance()
    if allowance > 0 { connection.consume(self, byteCount: allowance) }
  }

  /// The next message; nil after the last, if the call succeeded. From any thread.
  func next() async -> Result<[UInt8]?, RPCError> {
    if loop.isCurrent { return await nextOnLoop() }
    return await withTaskExecutorPreference(loop) { await self.nextOnLoop() }
  }

  private func nextOnLoop() async -> Result<[UInt8]?, RPCError> {
    while outcome == nil, responses.isEmpty {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { self.waitingForMessage = $0 }
    }
    if let message = responses.take() {
      settle()
      return .success(message)
    }
    if let error = outcome?.error { return .failure(error) }
    return .success(nil)
  }

  // MARK: The requests

  /// Sends a message, once there is room. What the service no longer wants is dropped: the outcome
  /// tells why. From any thread.
  func send(_ message: [UInt8]) async -> Result<Void, RPCError> {
    if loop.isCurrent { return await sendOnLoop(message) }
    return await withTaskExecutorPreference(loop) { await self.sendOnLoop(message) }
  }

  private func sendOnLoop(_ message: [UInt8]) async -> Result<Void, RPCError> {
    while outcome == nil, !isWritable {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { self.waitingForRoom = $0 }
    }
    if let outcome { return outcome.error.map { .failure($0) } ?? .success(()) }
    if requestsEnded {
      return .failure(RPCError(.failedPrecondition, "nothing can be sent after the end"))
    }
    let body = RequestWriter.body(message, form, compressed: compresses)
    isWritable = connection.send(self, body)
    return .success(())
  }

  func finishRequests() {
    guard outcome == nil, !requestsEnded else { return }
    requestsEnded = true
    connection.finish(self)
  }

  /// The whole request went out with the beginning of the call.
  func requestsWereSent() { requestsEnded = true }

  func becameWritable() {
    isWritable = true
    wake(&waitingForRoom)
  }

  // MARK: Waiting

  private func wait(_ keep: @escaping (CheckedContinuation<Void, Never>) -> Void) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { keep($0) }
    } onCancel: {
      loop.execute {
        self.wake(&self.waitingForMessage)
        self.wake(&self.waitingForRoom)
      }
    }
  }

  private func wake(_ waiting: inout CheckedContinuation<Void, Never>?) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume()
  }
}
