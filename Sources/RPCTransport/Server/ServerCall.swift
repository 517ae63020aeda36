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
  private enum Progress { case none, begun, done }

  let stream: Int32
  let context: CallContext
  let loop: EventLoop
  private let server: ServerCore
  private let route: Route
  private let form: CallForm
  let coding: RequestCoding
  let answers: AnswerWriter
  /// Nil once the handler has ended or the connection is gone: who still holds the call, such as a
  /// task with the writer of its answer, must reach neither.
  private(set) var sink: (any CallSink)?
  private var flow: CallFlow?
  private var requestsEnded = false
  private var answer = Progress.none
  /// Set once nothing of the call can succeed any more.
  private(set) var failure: RPCError?
  var task: Task<Void, Never>?
  var isHandlerRunning = false
  private var deadlineTimer: LoopTimer?

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
    coding = RequestCoding(
      usesEnvelopes: form.usesEnvelopes, isGzip: head.isCompressed,
      messageBytesMax: server.limits.messageBytesMax)
    answers = AnswerWriter(
      form: form, acceptsGzip: head.acceptsGzip, usesEventStream: head.acceptsEventStream,
      isStream: route.method.kind.hasManyResponses)
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
    let isOver = failure != nil || answer == .done
    if flow == nil, ended, isOver || isWholeRequest(bytes) {
      if isOver { return }
      requestsEnded = true
      return runUnary(bytes.extracting((form.usesEnvelopes ? Envelope.headBytes : 0)...))
    }
    let flow = makeFlow()
    flow.requests.received(byteCount: bytes.count)
    if ended { flow.requests.ended() }
    if !isOver {
      do throws(RPCError) { try gather(bytes, ended: ended, flow) } catch { fail(error) }
    }
    flow.requests.settle(sink)
  }

  /// Whether the bytes are a whole unary request as it mostly comes: in one piece, as it is.
  private func isWholeRequest(_ bytes: Span<UInt8>) -> Bool {
    guard route.isUnary, !coding.isGzip, bytes.count <= server.limits.messageBytesMax
    else { return false }
    if !form.usesEnvelopes { return true }
    guard bytes.count >= Envelope.headBytes else { return false }
    let (flag, count) = Envelope.head(of: bytes, at: 0)
    return flag == 0 && count == bytes.count - Envelope.headBytes
  }

  private func makeFlow() -> CallFlow {
    if let flow { return flow }
    let made = CallFlow(RequestIntake(stream, form, server.limits))
    flow = made
    return made
  }

  private func gather(_ bytes: Span<UInt8>, ended: Bool, _ flow: CallFlow) throws(RPCError) {
    flow.requestCount += try flow.requests.gather(bytes, sink)
    if flow.requestCount > 1, !route.method.kind.hasManyRequests {
      throw RPCError(.invalidArgument, "the call has more than one request")
    }
    requestsEnded = ended
    if !route.isUnary { return flow.wakeForRequest() }
    if !ended { return }
    guard let piece = flow.requests.take(sink) else {
      throw RPCError(.invalidArgument, "the call ended without its request")
    }
    context.requestWasCompressed = try coding.isCompressed(piece)
    if context.requestWasCompressed {
      runUnary(inflating: piece.bytes)
    } else {
      runUnary(piece.bytes.span)
    }
  }

  /// There is room for the message that is coming.
  func roomGranted() { flow?.requests.roomGranted(sink) }

  /// Whether nothing more comes of a message that others wait for.
  func isStalled(longerThan limit: Duration, now: MonotonicTime) -> Bool {
    flow?.requests.isStalled(longerThan: limit, now: now) ?? false
  }

  // MARK: The handler

  func runUnary(_ request: Span<UInt8>) {
    guard let sink, case .unary(let read) = route.handler else { return }
    if isLate { return fail(Deadline.error) }
    isHandlerRunning = true
    do throws(RPCError) {
      sink.run(self, try read(request, form.encoding))
    } catch {
      // By way of the interceptors: it is logged and counted, and tells nothing to who may not call.
      sink.run(self) { [error] _ in throw error }
    }
  }

  /// Whether the call was cancelled before its handler began; it has ended then.
  func endedBeforeHandler() -> Bool {
    guard let failure else { return false }
    handlerEnded(.failure(failure))
    return true
  }

  /// The handler waits for something: it can be cancelled by its task.
  func handlerWaits(in task: Task<Void, Never>) { self.task = task }

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

  /// The handler has ended: with a message for a unary call, with nil for streams.
  func handlerEnded(_ result: Result<[UInt8]?, RPCError>) {
    loop.preconditionIsCurrent()
    switch result {
    case .success(let response?):
      if failure == nil, answers.compresses(response, context) { return compress(response) }
      finish(.success(AnswerMessage(response)))
    case .success(nil): finish(.success(nil))
    case .failure(let error): finish(.failure(error))
    }
  }

  func finish(_ result: Result<AnswerMessage?, RPCError>) {
    isHandlerRunning = false
    task = nil
    if answer != .done {
      switch result {
      case .success(let response):
        if let failure {
          end(failure)
        } else if let response, sink?.mayAnswer(byteCount: response.bytes.count) == false {
          end(Self.answersNotTaken)
        } else {
          succeed(response)
        }
      case .failure(let error): end(failure ?? error)
      }
    }
    flow?.requests.drop(sink)
    sink?.callEnded(stream)
    sink = nil
  }

  /// The next request; nil after the last. From any thread.
  private func next() async -> Result<[UInt8]?, RPCError> {
    if loop.isCurrent { return await nextOnLoop() }
    return await withTaskExecutorPreference(loop) { await self.nextOnLoop() }
  }

  private func nextOnLoop() async -> Result<[UInt8]?, RPCError> {
    let flow = makeFlow()
    defer { sink?.leaveQueue(stream) }
    while failure == nil,
      flow.requests.isEmpty && !requestsEnded || sink?.mayTakeRequest(stream) == false
    {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { flow.waitingForRequest = $0 }
    }
    if flow.isTurnOver { await Task.yield() }
    if let failure { return .failure(failure) }
    guard let piece = flow.requests.take(sink) else { return .success(nil) }
    do throws(RPCError) {
      context.requestWasCompressed = try coding.isCompressed(piece)
      guard context.requestWasCompressed else { return .success(piece.bytes) }
      return .success(try await coding.inflate(piece.bytes, sink?.turnstile) { self.failure })
    } catch {
      return .failure(error)
    }
  }

  /// Answers of the connection have left, for which requests had to wait.
  func answersLeft() { flow?.wakeForRequest() }

  /// Sends a message, once there is room for it. From any thread.
  private func send(_ message: [UInt8]) async -> Result<Void, RPCError> {
    if loop.isCurrent { return await sendOnLoop(message) }
    return await withTaskExecutorPreference(loop) { await self.sendOnLoop(message) }
  }

  private func sendOnLoop(_ message: [UInt8]) async -> Result<Void, RPCError> {
    let flow = makeFlow()
    while failure == nil, !flow.isWritable {
      if Task.isCancelled { return .failure(.callCancelled) }
      await wait { flow.waitingForRoom = $0 }
    }
    var content = AnswerMessage(message)
    if failure == nil, answers.compresses(message, context) {
      do throws(RPCError) { content = try await compressed(message) } catch {
        return .failure(error)
      }
    }
    if let failure { return .failure(failure) }
    guard let sink, answer != .done else { return .failure(.callCancelled) }
    if answer == .none, let fault = takeReplyFault() {
      fail(fault)
      return .failure(fault)
    }
    begin(sink)
    flow.isWritable = sink.send(stream) { answers.append(content, to: &$0) }
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

  private func wakeAll() {
    flow?.wakeForRequest()
    flow?.wakeForRoom()
  }

  /// There is room again for what the handler sends.
  func becameWritable() {
    flow?.isWritable = true
    flow?.wakeForRoom()
  }

  // MARK: The answer

  /// What the caller is told instead of metadata that the service added and that cannot travel; it is
  /// taken away. The service's log tells what it was.
  private func takeReplyFault() -> RPCError? {
    guard
      let fault = context.takeReplyFault(
        initialIsSent: answer != .none, byteCountMax: server.limits.replyMetadataBytesMax)
    else { return nil }
    server.observe(
      .answerReplaced(peer: context.peer.address, method: route.method.path, reason: fault))
    return RPCError(.internal, "the service's answer has metadata that cannot be sent")
  }

  private func begin(_ sink: any CallSink) {
    guard answer == .none else { return }
    answer = .begun
    sink.begin(stream, answers.streamHead(context))
  }

  private func succeed(_ response: AnswerMessage?) {
    guard let sink else { return }
    if let fault = takeReplyFault() { return end(fault) }
    if let response {
      answer = .done
      sink.answer(stream, answers.unary(response, context))
    } else {
      begin(sink)
      answer = .done
      let (bytes, trailers) = answers.end(nil, context)
      if !bytes.isEmpty { _ = sink.send(stream) { $0 += bytes } }
      sink.finish(stream, trailers)
    }
    forgetDeadline()
  }

  private func end(_ error: RPCError) {
    let error = takeReplyFault() ?? error
    failure = error
    defer { forgetDeadline() }
    guard let sink, answer != .done else { return }
    if answer == .none {
      answer = .done
      sink.answer(stream, answers.failure(error, context))
    } else {
      answer = .done
      let (bytes, trailers) = answers.end(error, context)
      if !bytes.isEmpty { _ = sink.send(stream) { $0 += bytes } }
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

  /// The same where the connection is gone or speaks of other things: nothing is asked of it again.
  func disconnect(_ error: RPCError) {
    cancel(error)
    sink = nil
  }

  private func stopHandler() {
    task?.cancel()
    wakeAll()
    flow?.requests.drop(sink)
  }

  private func forgetDeadline() {
    if let deadlineTimer { loop.cancel(deadlineTimer) }
    deadlineTimer = nil
  }
}
