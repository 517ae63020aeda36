import HTTP1

/// What a connection made of an input, the pieces of each body joined.
private struct Heard: Equatable {
  var requests: [HTTP1Request] = []
  var body: [UInt8] = []
  var endedCount = 0
  var failure: HTTP1Error?
  var output: [UInt8] = []
}

/// Narrow, so that short inputs reach every edge.
private let limits: HTTP1Limits = {
  var limits = HTTP1Limits()
  limits.requestLineBytesMax = 64
  limits.fieldBytesMax = 200
  limits.fieldCountMax = 6
  limits.bodyBytesMax = 40
  limits.chunkExtensionBytesMax = 12
  limits.trailerBytesMax = 16
  limits.trailerCountMax = 2
  limits.bufferedBytesMax = 202
  limits.discardedBytesMax = 10
  return limits
}()

/// The same is understood however the bytes are split, and few of them wait.
func examineHTTP1(_ bytes: [UInt8]) {
  let whole = converse(bytes) { bytes.count }
  require(converse(bytes) { 1 } == whole, "bytes one by one are understood otherwise")
  var state = bytes.reduce(5381 as UInt64) { $0 &* 33 &+ UInt64($1) }
  let split = converse(bytes) {
    state = state &* 6_364_136_223_846_793_005 &+ 1
    return Int(state >> 33) % 24 + 1
  }
  require(split == whole, "split bytes are understood otherwise")
}

/// Feeds pieces of the sizes that `size` gives and answers each request: PUT at once, others when
/// they are complete.
private func converse(_ bytes: [UInt8], _ size: () -> Int) -> Heard {
  var connection = HTTP1Connection(limits: limits)
  var heard = Heard()
  var fed = 0
  do throws(HTTP1WriteError) {
    while fed < bytes.count, connection.wantsInput {
      let end = min(bytes.count, fed + size())
      connection.receive(bytes[fed..<end].span)
      let piece = end - fed
      fed = end
      while let event = connection.nextEvent() {
        try answer(event, &connection, &heard)
      }
      require(
        connection.bufferedBytes <= limits.bufferedBytesMax + piece, "too many bytes wait")
      require(
        connection.wantsInput || connection.shouldClose, "neither reads on nor closes")
    }
    connection.inputEnded()
    while let event = connection.nextEvent() { try answer(event, &connection, &heard) }
  } catch {
    fatalError("broken: an answer was refused: \(error)")
  }
  require(connection.shouldClose, "the input has ended, the connection has not")
  heard.output = connection.takeOutput()
  return heard
}

private func answer(
  _ event: HTTP1Event, _ connection: inout HTTP1Connection, _ heard: inout Heard
) throws(HTTP1WriteError) {
  switch event {
  case .requestReceived(let request):
    heard.requests.append(request)
    if request.method == "PUT" {
      try connection.sendHead(200, body: .chunked)
      try connection.sendEnd()
    }
  case .bodyReceived(let bytes):
    require(!bytes.isEmpty, "a body event without bytes")
    heard.body += bytes
  case .requestEnded:
    heard.endedCount += 1
    try connection.sendHead(204, body: .none)
    try connection.sendEnd()
  case .failed(let error):
    require(heard.failure == nil, "two failures")
    heard.failure = error
    try connection.refuse(error)
  }
}
