import RPC

/// What a call decompresses and compresses, in steps if it is large.
extension ServerCall {
  /// Runs the handler of a unary call once its request is decompressed.
  func runUnary(inflating bytes: [UInt8]) {
    // Whoever gives up meanwhile has made us work, as if it were the handler.
    isHandlerRunning = true
    let task = Task.immediate(executorPreference: loop) { [self] in
      do throws(RPCError) {
        let message = try await coding.inflate(bytes, sink?.turnstile) { self.failure }
        if endedBeforeHandler() { return }
        isHandlerRunning = false
        runUnary(message.span)
      } catch {
        handlerEnded(.failure(error))
      }
    }
    if isHandlerRunning { self.task = task }
  }

  /// Goes on once the answer is compressed; meanwhile the handler counts as running.
  func compress(_ response: [UInt8]) {
    let task = Task.immediate(executorPreference: loop) { [self] in
      do throws(RPCError) {
        finish(.success(try await compressed(response)))
      } catch {
        finish(.failure(error))
      }
    }
    if isHandlerRunning { self.task = task }
  }

  /// A message as it is written, if there is room for it.
  func compressed(_ message: [UInt8]) async throws(RPCError) -> AnswerMessage {
    guard let sink else { throw .callCancelled }
    let turnstile = sink.turnstile
    guard sink.mayAnswer(byteCount: message.count) else { throw Self.answersNotTaken }
    sink.compress(byteCount: message.count)
    // The connection may be gone by then.
    defer { self.sink?.compress(byteCount: -message.count) }
    return try await answers.compressed(message, turnstile) { self.failure }
  }

  /// What a caller is told who leaves answers where they are.
  static let answersNotTaken = RPCError(
    .resourceExhausted,
    "the answers before this one were not taken: read them, or make fewer calls at once")
}
