import HTTP1

/// Reads an input a line, in hexadecimal, and prints a line for each: what HTTP1 made of it.
///
/// `STATUS` of a refusal, or `ok`; then of each request its method, target, fields and body, all
/// in hexadecimal, and whether it was complete.
@main
struct HTTP1Testee {
  static func main() throws {
    while let line = readLine() { print(try verdict(bytes(line))) }
  }

  private static func verdict(_ input: [UInt8]) throws -> String {
    var connection = HTTP1Connection()
    var words: [String] = []
    var body: [UInt8] = []
    var status = "ok"
    // The machine asks for no more than its buffer holds, so that pieces must be small.
    var fed = 0
    while fed < input.count, connection.wantsInput {
      let end = min(input.count, fed + 1 << 10)
      connection.receive(input[fed..<end].span)
      fed = end
      while let event = connection.nextEvent() {
        switch event {
        case .requestReceived(let request):
          let fields = request.fields.indices.map {
            hex(request.fields[$0].name.utf8) + "=" + hex(request.fields.valueBytes(at: $0))
          }
          words += [
            hex(request.method.utf8), hex(request.target.utf8), fields.joined(separator: ","),
          ]
          body = []
        case .bodyReceived(let bytes): body += bytes
        case .requestEnded:
          words += [hex(body), "end"]
          try connection.sendHead(204, body: .none)
          try connection.sendEnd()
        case .failed(let error):
          status = String(error.status)
          try connection.refuse(error)
        }
      }
    }
    return ([status] + words).joined(separator: " ")
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    "x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}
