public import Platform
public import RPC
public import Reactor
public import Wire

/// Calls the methods of a service over the network.
///
/// It keeps connections, reconnects, spreads the calls over the addresses of its target, repeats
/// what is harmless to repeat within a budget, and ends every call at its deadline. Any task may
/// use it.
public final class RPCClient: ClientTransport {
  private let options: ClientOptions
  private let interceptors: [any ClientInterceptor]
  private let pool: ConnectionPool
  private let time: any TimeSource
  private let group: EventLoopGroup
  private let budget = Lock(RetryBudget())

  /// What messages are encoded as.
  public let encoding: Encoding

  /// A client of the service at `target`; connections are made when the first call needs them.
  public init(
    _ target: Target, on group: EventLoopGroup, options: ClientOptions = ClientOptions(),
    interceptors: [any ClientInterceptor] = [], time: any TimeSource = SystemTime(),
    random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.options = options
    self.interceptors = interceptors
    self.time = time
    self.group = group
    encoding = options.form.callForm(isUnary: true).encoding
    pool = ConnectionPool(target, options, group, time, random)
  }

  /// Closes the connections once the calls in flight have ended; later calls fail.
  public func close() { pool.close() }

  // MARK: Calls

  /// Makes a call of one request and one response.
  public func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options callOptions: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    let result = await intercepted(method, callOptions) { options, deadline in
      await self.unary(method, request, options, deadline)
    }
    return try result.get()
  }

  /// Makes a call of any other kind, which ends when `exchange` does.
  public func stream<T: Sendable>(
    _ method: MethodDescriptor, options callOptions: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    let outcome: Result<Result<T, any Error>, RPCError> = await intercepted(method, callOptions) {
      options, deadline in
      await self.stream(method, options, deadline, exchange)
    }
    return try outcome.get().get()
  }

  private func intercepted<T: Sendable>(
    _ method: MethodDescriptor, _ callOptions: CallOptions,
    _ body: (CallOptions, MonotonicTime?) async -> Result<T, RPCError>
  ) async -> Result<T, RPCError> {
    let start = time.now()
    var callOptions = callOptions
    let result: Result<T, RPCError>
    do throws(RPCError) {
      for interceptor in interceptors {
        try await interceptor.callStarts(method, &callOptions)
      }
      if let fault = callOptions.metadata.fault { throw RPCError(.internal, fault) }
      result = await body(callOptions, callOptions.timeout.map { start + $0 })
    } catch {
      result = .failure(error)
    }
    if !interceptors.isEmpty {
      var outcome = CallOutcome(duration: time.now() - start)
      if case .failure(let error) = result { outcome.error = error }
      for interceptor in interceptors.reversed() {
        interceptor.callEnded(method, callOptions, outcome)
      }
    }
    return result
  }

  // MARK: Unary

  private func unary(
    _ method: MethodDescriptor, _ request: [UInt8], _ callOptions: CallOptions,
    _ deadline: MonotonicTime?
  ) async -> Result<[UInt8], RPCError> {
    let outcome =
      if let hedgeAfter = options.hedgeAfter, method.idempotency == .noSideEffects {
        await hedged(after: hedgeAfter) {
          await self.retried(method, request, callOptions, deadline)
        }
      } else {
        await retried(method, request, callOptions, deadline)
      }
    callOptions.receivesMetadata?(outcome.metadata)
    if let error = outcome.error { return .failure(error) }
    guard outcome.messages.count == 1 else {
      return .failure(
        RPCError(.internal, "the service answered with \(outcome.messages.count) messages"))
    }
    return .success(outcome.messages[0])
  }

  private func hedged(
    after delay: Duration, _ attempt: @escaping @Sendable () async -> ClientCall.Outcome
  ) async -> ClientCall.Outcome {
    await withTaskGroup(of: ClientCall.Outcome.self) { tasks in
      tasks.addTask { await attempt() }
      tasks.addTask { [time, budget] in
        await time.sleep(until: time.now() + delay)
        guard !Task.isCancelled, budget.withLock({ $0.spend() }) else {
          return ClientCall.Outcome(error: RPCError(.cancelled, "the call was not repeated"))
        }
        return await attempt()
      }
      var first: ClientCall.Outcome?
      while let outcome = await tasks.next() {
        if outcome.error == nil {
          first = outcome
          break
        }
        // A failure of the one counts only if the other fails, too.
        if first == nil || outcome.error?.code != .cancelled { first = outcome }
        tasks.cancelAll()
      }
      tasks.cancelAll()
      return first ?? ClientCall.Outcome(error: .callCancelled)
    }
  }

  private func retried(
    _ method: MethodDescriptor, _ request: [UInt8], _ callOptions: CallOptions,
    _ deadline: MonotonicTime?
  ) async -> ClientCall.Outcome {
    var backoff = Backoff()
    var attempts = 0
    while true {
      attempts += 1
      let outcome = await attempt(method, request, callOptions, deadline)
      guard let error = outcome.error else {
        budget.withLock { $0.callSucceeded() }
        return outcome
      }
      guard attempts < options.attemptsMax, !Task.isCancelled,
        outcome.isUnseen || mayRepeat(method, after: error)
      else { return outcome }
      var random = SystemRandomNumberGenerator()
      let wake = time.now() + backoff.next(&random)
      if let deadline, wake >= deadline { return outcome }
      await time.sleep(until: wake)
    }
  }

  /// Whether to repeat what the service may have seen; it is paid for then. What it has not seen
  /// was no load, and is repeated for nothing.
  private func mayRepeat(_ method: MethodDescriptor, after error: RPCError) -> Bool {
    error.code == .unavailable && method.idempotency != .unknown && budget.withLock { $0.spend() }
  }

  private func attempt(
    _ method: MethodDescriptor, _ request: [UInt8], _ callOptions: CallOptions,
    _ deadline: MonotonicTime?
  ) async -> ClientCall.Outcome {
    let connection: ClientConnection
    do throws(RPCError) {
      connection = try await pool.connection(
        waitsForReady: callOptions.waitsForReady, deadline: deadline)
    } catch {
      return ClientCall.Outcome(error: error)
    }
    let loop = connection.loop
    let form = options.form.callForm(isUnary: true)
    let running = Lock<(call: ClientCall?, isCancelled: Bool)>((nil, false))
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let start = { @Sendable [self] in
          let timer = TimerBox()
          let call = ClientCall(
            connection, form, compresses: callOptions.usesCompression,
            messageBytesMax: options.messageBytesMax,
            whenEnded: { outcome in
              if let set = timer.timer { loop.cancel(set) }
              continuation.resume(returning: outcome)
            })
          let isCancelled = running.withLock { running in
            running.call = call
            return running.isCancelled
          }
          if isCancelled { return call.fail(.callCancelled) }
          if let deadline {
            timer.timer = loop.schedule(at: deadline) { [weak call] in call?.fail(Deadline.error) }
          }
          connection.start(
            call, method, callOptions, request: request,
            timeLeft: deadline.map { max(.zero, $0 - time.now()) })
        }
        if loop.isCurrent { start() } else { loop.execute(start) }
      }
    } onCancel: {
      loop.execute {
        let call = running.withLock { running in
          running.isCancelled = true
          return running.call
        }
        call?.fail(.callCancelled)
      }
    }
    pool.callEnded(on: connection, isAnswered: outcome.isAnswered)
    return outcome
  }

  /// The timer of a call, which is set after the closure that cancels it is made; on its loop.
  private final class TimerBox { var timer: LoopTimer? }

  // MARK: Streams

  private func stream<T: Sendable>(
    _ method: MethodDescriptor, _ callOptions: CallOptions, _ deadline: MonotonicTime?,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async -> Result<Result<T, any Error>, RPCError> {
    let call: ClientCall
    do throws(RPCError) {
      call = try await begin(method, callOptions, deadline)
    } catch {
      return .failure(error)
    }
    let loop = call.loop
    let timer = await loop.run {
      deadline.map { loop.schedule(at: $0) { [weak call] in call?.fail(Deadline.error) } }
    }
    let writer = ByteWriter(
      send: { (message) throws(RPCError) in try await call.send(message).get() },
      finish: { loop.execute { call.finishRequests() } })
    let responses = ByteStream { () throws(RPCError) in try await call.next().get() }
    let result: Result<T, any Error>
    do {
      result = .success(try await exchange(writer, responses))
    } catch {
      result = .failure(error)
    }
    let outcome = await loop.run {
      if let timer { loop.cancel(timer) }
      // What the exchange left unread or unsent nobody wants any more.
      call.fail(RPCError(.cancelled, "the caller has ended the call"))
      return call.outcome
    }
    if let outcome {
      callOptions.receivesMetadata?(outcome.metadata)
      pool.callEnded(on: call.connection, isAnswered: outcome.isAnswered)
    }
    if case .failure(let error as RPCError) = result { return .failure(error) }
    return .success(result)
  }

  /// Begins a call on a connection that takes it: one that was chosen may be draining by then.
  private func begin(
    _ method: MethodDescriptor, _ callOptions: CallOptions, _ deadline: MonotonicTime?
  ) async throws(RPCError) -> ClientCall {
    var attempts = 0
    while true {
      attempts += 1
      let connection = try await pool.connection(
        waitsForReady: callOptions.waitsForReady, deadline: deadline)
      let (call, isRefused) = await connection.loop.run { [self] in
        let call = ClientCall(
          connection, options.form.callForm(isUnary: false),
          compresses: callOptions.usesCompression, messageBytesMax: options.messageBytesMax,
          whenEnded: nil)
        connection.start(
          call, method, callOptions, request: nil,
          timeLeft: deadline.map { max(.zero, $0 - time.now()) })
        return (call, call.outcome?.isUnseen == true)
      }
      if !isRefused || attempts >= options.attemptsMax { return call }
    }
  }
}
