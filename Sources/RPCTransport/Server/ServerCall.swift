import HTTP2
import Platform
import RPC
import Reactor
import Wire

/// A call on the server's side, from its header to its answer.
///
///     receiving request --> handler runs --> answered
///              \                 |             ^
///               `-- refused -----+-- deadline, reset by the peer, failure
///
/// The handler may begin while the request still comes in (streams), and go on for a while after
/// the call was answered for it (deadline): then what it does has no effect any more.
///
/// Sendable although it has mutable state: everything is touched on the connection's loop only,
/// where handlers run, too; `next` and `send`, which handlers may call from elsewhere, go there.
final class ServerCall: @unchecked Sendable {
  private enum Answer { case none, begun, done }

  let stream: Int32
  let context: CallContext
  let loop: EventLoop
  private let server: ServerCore
  private let route: Route
  private let form: CallForm
  private let requestsAreCompressed: Bool
  private let answers: AnswerWriter
  private weak var sink: (any CallSink)?

  private var requests: RequestIntake
  private var requestCount = 0
  private var requestsEnded = false

  private var answer = Answer.none
  /// Set once nothing of the call can succeed any more.
  private var failure: RPCError?
  private var task: Task<Void, Never>?
  private var isHandlerRunning = false
  private var isWritable = true
  private var deadlineTimer: LoopTimer?
  private var waitingForRequest: CheckedContinuation<Void, Never>?
  private var waitingForRoom: CheckedContinuation<Void, Never>?

  init(
    _ stream: Int32, _ route: Route, _ form: CallForm, _ head: borrowing RequestHead,
    peer: Peer, server: ServerCore, loop: EventLoop, sink: any CallSink
  ) {
    self.stream = stream
    self.route = route
    self.form = form
    self.server = server
    self.loop = loop
    self.sink = sink
    requestsAreCompressed = head.isCompressed
    answers = AnswerWriter(
      form: form, acceptsGzip: head.acceptsGzip, usesEventStream: head.acceptsEventStream,
      isStream: route.method.kind.hasManyResponses)
    requests = RequestIntake(stream, form, server.limits)
    context = CallContext(
      route.method, metadata: head.metadata, deadline: head.timeout.map { loop.now + $0 },
      peer: peer, time: server.time)
  }

  /// Begins: streams have their handler run at once, unary calls when their request is whole.
  func start() {
    if let deadline = context.deadline {
      deadlineTimer = loop.schedule(at: deadline) { [weak self] in self?.fail(Deadline.error) }
    }
    switch (route.handler, form) {
    case (.unary, _): break
    case (.stream, .native):
      fail(
        RPCError(
          .unimplemented,
          "\(route.method.path) has streams: call it as application/x-sarai-stream"))
    case (.stream, .json) where route.method.kind.hasManyRequests:
      fail(
        RPCError(
          .unimplemented,
          "\(route.method.path) takes a stream of requests, which JSON does not carry: use gRPC or"
            + " application/x-sarai-stream"))
    case (.stream(let handle), _):
      if isLate { fail(Deadline.error) } else { run(handle) }
    }
  }

  /// Whether the caller waits no more. The loop's own time is that of the turn's beginning.
  private var isLate: Bool {
    guard let deadline = context.deadline else { return false }
    return server.time.now() >= deadline
  }

  // MARK: The request

  /// Takes bytes of the request in; they are gone when this returns.
  func receive(_ bytes: Span<UInt8>, ended: Bool) {
    requests.received(byteCount: bytes.count)
    if ended { requests.ended() }
    if failure != nil || answer == .done {
      return requests.settle(sink)
    }
    if ended, route.isUnary, isWhole(bytes) {
      requestsEnded = true
      let offset = form.usesEnvelopes ? Envelope.headBytes : 0
      runUnary(bytes.extracting(offset...))
    } else {
      do throws(RPCError) { try gather(bytes, ended: ended) } catch { fail(error) }
      requests.settle(sink)
    }
  }

  /// Whether the bytes are a whole unary request as it mostly comes: in one piece, as it is.
  private func isWhole(_ bytes: Span<UInt8>) -> Bool {
    guard requests.holdsNothing, !requestsAreCompressed,
      bytes.count <= server.limits.messageBytesMax
    else { return false }
    if !form.usesEnvelopes { return true }
    guard bytes.count >= Envelope.headBytes else { return false }
    let (flag, count) = Envelope.head(of: bytes, at: 0)
    return flag == 0 && count == bytes.count - Envelope.headBytes
  }

  private func gather(_ bytes: Span<UInt8>, ended: Bool) throws(RPCError) {
    requestCount += try requests.gather(bytes, sink)
    if requestCount > 1, !route.method.kind.hasManyRequests {
      throw RPCError(.invalidArgument, "the call has more than one request")
    }
    requestsEnded = ended
    if !route.isUnary { return wake(&waitingForRequest) }
    if !ended { return }
    guard let piece = requests.take(sink) else {
      throw RPCError(.invalidArgument, "the call ended without its request")
    }
    let message = try plain(piece)
    runUnary(message.span)
  }

  /// The message of a piece, decompressed if it says so.
  private func plain(_ piece: EnvelopeReader.Piece) throws(RPCError) -> [UInt8] {
    let isCompressed = form.usesEnvelopes ? piece.flag & 1 == 1 : requestsAreCompressed
    guard !form.usesEnvelopes || piece.flag & ~Envelope.compressedFlag == 0 else {
      throw RPCError(.internal, "an envelope with unknown flags")
    }
    context.requestWasCompressed = isCompressed
    guard isCompressed else { return piece.bytes }
    guard requestsAreCompressed else {
      throw RPCError(.internal, "a compressed message in a request that names no coding")
    }
    return try Gzip.decompress(
      piece.bytes.span, byteCountMax: server.limits.messageBytesMax)
  }

  /// There is room for the message that is coming.
  func roomGranted() { requests.roomGranted(sink) }

  // MARK: The handler

  private func runUnary(_ request: Span<UInt8>) {
    guard case .unary(let read) = route.handler else { return }
    if isLate { return fail(Deadline.error) }
    do throws(RPCError) {
      run(try read(request, form.encoding))
    } catch {
      fail(error)
    }
  }

  private func run(_ invocation: any UnaryInvocation) {
    isHandlerRunning = true
    let task = Task.immediate(executorPreference: loop) { [self] in
      do throws(RPCError) {
        let response = try await server.router.serve(invocation, context)
        handlerEnded(.success(response))
      } catch {
        handlerEnded(.failure(error))
      }
    }
    if isHandlerRunning { self.task = task }
  }

  private func run(
    _ handle:
      @escaping @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws -> Void
  ) {
    isHandlerRunning = true
    let incoming = ByteStream { [self] () throws(RPCError) in try await next().get() }
    let outgoing = ByteWriter(
      send: { [self] (message) throws(RPCError) in try await send(message).get() },
      // The answer ends with the handler, which knows whether the call succeeded.
      finish: {})
    let task = Task.immediate(executorPreference: loop) { [self] in
      do throws(RPCError) {
        try await server.router.serve(handle, incoming, outgoing, as: form.encoding, context)
        handlerEnded(.success(nil))
      } catch {
        handlerEnded(.failure(error))
      }
    }
    if isHandlerRunning { self.task = task }
  }

  private func handlerEnded(_ result: Result<[UInt8]?, RPCError>) {
    loop.preconditionIsCurrent()
    isHandlerRunning = false
    task = nil
    if answer != .done {
      switch result {
      case .success(let response):
        if let failure { end(failure) } else { succeed(response) }
      case .failure(let error): end(failure ?? error)
      }
    }
    requests.drop(sink)
    sink?.callEnded(stream)
  }

  /// The next request; nil after the last. From any thread.
  private func next() async -> Result<[UInt8]?, RPCError> {
    if loop.isCurrent { return await nextOnLoop() }
    return await withTaskExecutorPreference(loop) { await self.nextOnLoop() }
  }

  private func nextOnLoop() async -> Result<[UInt8]?, RPCError> {
    while failure == nil, requests.isEmpty, !requestsEnded {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { self.waitingForRequest = $0 }
    }
    return takeRequest()
  }

  private func takeRequest() -> Result<[UInt8]?, RPCError> {
    if let failure { return .failure(failure) }
    guard let piece = requests.take(sink) else { return .success(nil) }
    do throws(RPCError) { return .success(try plain(piece)) } catch { return .failure(error) }
  }

  /// Sends a message, once there is room for it. From any thread.
  private func send(_ message: [UInt8]) async -> Result<Void, RPCError> {
    if loop.isCurrent { return await sendOnLoop(message) }
    return await withTaskExecutorPreference(loop) { await self.sendOnLoop(message) }
  }

  private func sendOnLoop(_ message: [UInt8]) async -> Result<Void, RPCError> {
    while failure == nil, !isWritable {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { self.waitingForRoom = $0 }
    }
    if let failure { return .failure(failure) }
    guard let sink else { return .failure(.callCancelled) }
    begin(sink)
    isWritable = sink.send(stream, answers.message(message, context))
    return .success(())
  }

  /// Waits until the continuation is resumed or the task is cancelled.
  private func wait(
    _ keep: @escaping (CheckedContinuation<Void, Never>) -> Void
  ) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { keep($0) }
    } onCancel: {
      // Whoever waits looks whether its task was cancelled.
      loop.execute { self.wakeAll() }
    }
  }

  private func wake(_ waiting: inout CheckedContinuation<Void, Never>?) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume()
  }

  private func wakeAll() {
    wake(&waitingForRequest)
    wake(&waitingForRoom)
  }

  /// There is room again for what the handler sends.
  func becameWritable() {
    isWritable = true
    wake(&waitingForRoom)
  }

  // MARK: The answer

  private func begin(_ sink: any CallSink) {
    guard answer == .none else { return }
    answer = .begun
    sink.begin(stream, answers.streamHead(context))
  }

  private func succeed(_ response: [UInt8]?) {
    guard let sink else { return }
    if let response {
      answer = .done
      let (head, body, trailers) = answers.unary(response, context)
      sink.answer(stream, head, body, trailers)
    } else {
      begin(sink)
      answer = .done
      let (bytes, trailers) = answers.end(nil, context)
      if !bytes.isEmpty { _ = sink.send(stream, bytes) }
      sink.finish(stream, trailers)
    }
    forgetDeadline()
  }

  private func end(_ error: RPCError) {
    failure = error
    defer { forgetDeadline() }
    guard let sink, answer != .done else { return }
    if answer == .none {
      answer = .done
      let (head, body) = answers.failure(error, context)
      sink.answer(stream, head, body, nil)
    } else {
      answer = .done
      let (bytes, trailers) = answers.end(error, context)
      if !bytes.isEmpty { _ = sink.send(stream, bytes) }
      sink.finish(stream, trailers)
    }
  }

  /// Answers with a failure at once; the handler, if it runs, is cancelled.
  func fail(_ error: RPCError) {
    guard failure == nil, answer != .done else { return }
    end(error)
    stopHandler()
    if !isHandlerRunning { sink?.callEnded(stream) }
  }

  /// The peer gave the call up, or the connection is gone: nobody is there to be answered.
  func cancel(_ error: RPCError) {
    let wasDone = answer == .done
    answer = .done
    if failure == nil { failure = error }
    forgetDeadline()
    stopHandler()
    if !isHandlerRunning, !wasDone { sink?.callEnded(stream) }
  }

  private func stopHandler() {
    task?.cancel()
    wakeAll()
    requests.drop(sink)
  }

  private func forgetDeadline() {
    if let deadlineTimer { loop.cancel(deadlineTimer) }
    deadlineTimer = nil
  }
}
