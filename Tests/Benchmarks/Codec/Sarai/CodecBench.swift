import Glibc
import Wire

/// Sarai's side of the codec benchmark: the same work and command line as peer/peer.cc.
///
///     codec-bench OPERATION MESSAGE PROTOBUF-FILE (milliseconds | operations) N
///
/// It prints operations, nanoseconds by the clock, nanoseconds of CPU, the checksum of one
/// operation and the bytes of the encoded message. Decoding reads every field and includes the
/// end of the value's life.
@main
struct CodecBench {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 6, let count = UInt64(arguments[5]) else {
      fail("usage: codec-bench OPERATION MESSAGE FILE (milliseconds|operations) N")
    }
    let limit: Limit = arguments[4] == "operations" ? .operations(count) : .milliseconds(count)
    let input = content(of: arguments[3])
    switch arguments[2] {
    case "transfer": try run(Bench.Transfer.self, arguments[1], input, limit)
    case "product": try run(Bench.Product.self, arguments[1], input, limit)
    case "page": try run(Bench.ProductPage.self, arguments[1], input, limit)
    default: fail("no message \(arguments[2])")
    }
  }

  private static func run<M: Message & Readable>(
    _ type: M.Type, _ operation: String, _ input: [UInt8], _ limit: Limit
  ) throws {
    let message = try M(decoding: input, as: .protobuf)
    if operation == "hash" {
      var message = message
      try measure(limit, encodedBytes: input.count) { message.reading(by: Hash()) }
      return
    }
    let encodings: [Substring: Encoding] = [
      "native": .native, "protobuf": .protobuf, "json": .json,
    ]
    var parts = operation.split(separator: "-")
    guard let encoding = parts.popLast().flatMap({ encodings[$0] }) else {
      fail("no operation \(operation)")
    }
    let encoded = try message.encoded(as: encoding)
    switch parts.joined(separator: "-") {
    case "decode":
      try measure(limit, encodedBytes: encoded.count) {
        var decoded = try M(decoding: encoded, as: encoding)
        return decoded.reading(by: Sum())
      }
    case "encode":
      var writer = WireWriter()
      try measure(limit, encodedBytes: encoded.count) {
        try writer.write(message, as: encoding)
        return UInt64(writer.count)
      }
    case "encode-new":
      try measure(limit, encodedBytes: encoded.count) {
        UInt64(try message.encoded(as: encoding).count)
      }
    default: fail("no operation \(operation)")
    }
  }
}

/// Ends the program with a reason.
func fail(_ reason: String) -> Never {
  print("codec-bench: \(reason)")
  exit(2)
}

/// All bytes of a file.
private func content(of path: String) -> [UInt8] {
  guard let file = unsafe fopen(path, "r") else { fail("cannot read \(path)") }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}
