import HTTP1

/// What a connection said to some input, bodies joined.
struct Heard: Equatable {
  var requests: [HTTP1Request] = []
  var bodies: [[UInt8]] = []
  var ended = 0
  var failure: HTTP1Error?
  var output: [UInt8] = []
}

/// Feeds the pieces to a connection and answers each complete request at once by 204.
func converse(
  _ pieces: [ArraySlice<UInt8>], limits: HTTP1Limits = HTTP1Limits(), thenEnd: Bool = false
) throws -> Heard {
  var connection = HTTP1Connection(limits: limits)
  var heard = Heard()
  for piece in pieces {
    connection.receive(piece.span)
    try drain(&connection, &heard)
  }
  if thenEnd {
    connection.inputEnded()
    try drain(&connection, &heard)
  }
  heard.output = connection.takeOutput()
  return heard
}

private func drain(_ connection: inout HTTP1Connection, _ heard: inout Heard) throws {
  while let event = connection.nextEvent() {
    switch event {
    case .requestReceived(let request):
      heard.requests.append(request)
      heard.bodies.append([])
    case .bodyReceived(let bytes): heard.bodies[heard.bodies.count - 1] += bytes
    case .requestEnded:
      heard.ended += 1
      try connection.sendHead(204, body: .none)
      try connection.sendEnd()
    case .failed(let error):
      heard.failure = error
      try connection.refuse(error)
    }
  }
}

func converse(_ text: String, limits: HTTP1Limits = HTTP1Limits()) throws -> Heard {
  try converse([Array(text.utf8)[...]], limits: limits)
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Random numbers that a seed repeats (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
