/// A frame as RFC 9113 section 4.1 lays it out: what a session would never send can be built too.
struct Frame: Equatable {
  var type: UInt8
  var flags: UInt8 = 0
  var stream: UInt32 = 0
  var payload: [UInt8] = []

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let endStream: UInt8 = 1
  static let endHeaders: UInt8 = 4

  /// POST / of the authority "a", without any compression table.
  static let requestBlock: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1, 0x61]

  var bytes: [UInt8] {
    let count = payload.count
    return [UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), type, flags]
      + Self.bigEndian(stream) + payload
  }

  /// The frames that `bytes` hold.
  static func all(in bytes: [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var rest = bytes[...]
    if rest.starts(with: preface) { rest = rest.dropFirst(preface.count) }
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      frames.append(
        Frame(
          type: head[3], flags: head[4], stream: number(head[5..<9]),
          payload: Array(rest.dropFirst(9).prefix(count))))
      rest = rest.dropFirst(9 + count)
    }
    return frames
  }

  // MARK: The types

  static func data(_ stream: UInt32, _ content: [UInt8] = [], flags: UInt8 = 0) -> Frame {
    Frame(type: 0, flags: flags, stream: stream, payload: content)
  }

  static func headers(
    _ stream: UInt32, _ block: [UInt8] = requestBlock, flags: UInt8 = endStream | endHeaders
  ) -> Frame {
    Frame(type: 1, flags: flags, stream: stream, payload: block)
  }

  static func priority(_ stream: UInt32) -> Frame {
    Frame(type: 2, stream: stream, payload: [0, 0, 0, 0, 15])
  }

  static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Frame {
    Frame(type: 3, stream: stream, payload: bigEndian(code))
  }

  static func settings(_ entries: [(id: UInt8, value: UInt32)] = []) -> Frame {
    Frame(type: 4, payload: entries.flatMap { [0, $0.id] + bigEndian($0.value) })
  }

  static let ping = Frame(type: 6, payload: [1, 2, 3, 4, 5, 6, 7, 8])

  static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> Frame {
    Frame(type: 8, stream: stream, payload: bigEndian(increment))
  }

  static func continuation(_ stream: UInt32, _ block: [UInt8] = [], flags: UInt8 = 0) -> Frame {
    Frame(type: 9, flags: flags, stream: stream, payload: block)
  }

  // MARK: What was received

  /// The code of a RST_STREAM or GOAWAY frame.
  var errorCode: UInt32? {
    switch type {
    case 3: Self.number(payload[0..<4])
    case 7: Self.number(payload[4..<8])
    default: nil
    }
  }

  /// The last stream of a GOAWAY frame.
  var lastStream: UInt32 { Self.number(payload[0..<4]) }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
