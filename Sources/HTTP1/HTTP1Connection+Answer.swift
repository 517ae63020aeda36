/// The answer to the request under way: `sendHead`, any number of `sendBody`, `sendEnd`.
extension HTTP1Connection {
  /// Asks for the body, if the peer waits to be asked; else does nothing.
  public mutating func sendContinue() {
    guard awaitsContinue, writer.canSendHead else { return }
    awaitsContinue = false
    writer.sendContinue()
  }

  /// Sends the head of the answer; a `date` belongs among the fields.
  ///
  /// - Throws: `noRequest`, `headAlreadySent`, `invalidStatus` outside 200 to 599, `reservedField`
  ///   for what the connection writes itself, `bodyNotAllowed`. Nothing was sent then.
  public mutating func sendHead(
    _ status: Int, _ fields: HTTP1Fields = HTTP1Fields(), body: HTTP1Body
  ) throws(HTTP1WriteError) {
    keepAlive = try writer.sendHead(status, fields, body, keepAlive: !mustCloseAfterAnswer())
  }

  /// Sends more of the body. An answer to `HEAD`, or of status 204 or 304, drops it.
  ///
  /// - Throws: `noRequest`, `headNotSent`, `bodyTooLong`. Nothing was sent then.
  public mutating func sendBody(_ bytes: Span<UInt8>) throws(HTTP1WriteError) {
    try writer.sendBody(bytes)
  }

  /// Ends the answer; its request brings no more events, and the next one may begin.
  ///
  /// HTTP/1.0 peers get no trailers.
  /// - Throws: `noRequest`, `headNotSent`, `bodyTooShort`, `trailersNotAllowed`, `reservedField`.
  public mutating func sendEnd(
    trailers: HTTP1Fields = HTTP1Fields()
  ) throws(HTTP1WriteError) {
    try writer.sendEnd(trailers)
    answerEnded()
  }

  /// Answers in a line of text and closes; if an answer has begun already, it is given up.
  ///
  /// - Throws: `reservedField`. Nothing was sent then.
  public mutating func refuse(
    _ error: HTTP1Error, _ fields: HTTP1Fields = HTTP1Fields()
  ) throws(HTTP1WriteError) {
    if writer.canSendHead || !writer.isAnswering {
      try writer.refuse(error, fields)
    }
    abort()
  }

  /// What is to be written to the peer now.
  public mutating func takeOutput() -> [UInt8] { writer.takeOutput() }

  /// How many bytes `takeOutput` would give.
  public var outputBytes: Int { writer.output.count }
}
