/// Reads a body as its bytes arrive (RFC 9112 sections 6 and 7).
struct BodyReader {
  private enum State {
    /// So many bytes are to come.
    case length(Int)
    case chunkSize
    /// So many bytes of the chunk are to come, then a CRLF.
    case chunkData(Int)
    case trailers
    case complete
  }

  private let limits: HTTP1Limits
  private var state: State
  /// What was announced so far: content length or chunk sizes.
  private(set) var announcedBytes: Int
  private var extensionBytes = 0
  private var trailers: FieldSection

  init(_ body: HTTP1Body, limits: HTTP1Limits) {
    self.limits = limits
    trailers = FieldSection(byteCountMax: limits.trailerBytesMax, countMax: limits.trailerCountMax)
    announcedBytes = 0
    switch body {
    case .none: state = .complete
    case .length(let count):
      announcedBytes = count
      state = .length(count)
    case .chunked: state = .chunkSize
    }
  }

  var isComplete: Bool { if case .complete = state { true } else { false } }

  /// How many bytes are still to come at least.
  var remainingBytes: Int {
    switch state {
    case .length(let count), .chunkData(let count): count
    case .chunkSize, .trailers, .complete: 0
    }
  }

  /// Appends what has arrived of the body to `output`, which keeps it when an error is thrown.
  mutating func read(
    _ input: inout InputBuffer, to output: inout [UInt8], bytesMax: Int
  ) throws(HTTP1Error) {
    if announcedBytes > bytesMax { throw .bodyTooLarge }
    while true {
      switch state {
      case .length(let count):
        let left = count - input.take(count, to: &output)
        state = left == 0 ? .complete : .length(left)
        return
      case .chunkSize:
        guard let size = try readChunkSize(&input) else { return }
        if size > bytesMax - announcedBytes { throw .bodyTooLarge }
        announcedBytes += size
        state = size == 0 ? .trailers : .chunkData(size)
      case .chunkData(let count):
        let left = count - input.take(count, to: &output)
        state = .chunkData(left)
        guard left == 0, try input.takeLineEnd() else { return }
        state = .chunkSize
      case .trailers:
        guard try trailers.read(&input) else { return }
        state = .complete
      case .complete: return
      }
    }
  }

  private mutating func readChunkSize(_ input: inout InputBuffer) throws(HTTP1Error) -> Int? {
    let bytesMax = limits.chunkSizeDigitsMax + limits.chunkExtensionBytesMax - extensionBytes
    guard let count = try input.findLine(bytesMax: bytesMax, tooLong: .malformedChunk) else {
      return nil
    }
    let line = input.prefix(count)
    var size = 0
    var digits = 0
    for byte in line {
      guard let value = byte.hexadecimalValue else { break }
      digits += 1
      if digits > limits.chunkSizeDigitsMax { throw .malformedChunk }
      size = size << 4 | value
    }
    extensionBytes += count - digits
    guard digits > 0, extensionBytes <= limits.chunkExtensionBytesMax,
      digits == count || line[line.startIndex + digits] == UInt8(ascii: ";")
    else { throw .malformedChunk }
    input.consumeLine(count)
    return size
  }
}
