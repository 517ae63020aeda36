import CatalogContracts
import GatewayContracts
import Glibc
import IdentityContracts
import OnboardingContracts
import OperationsContracts
import PaymentsContracts
import RPCContracts
import TypeContracts
import WellKnownTypes
import Wire

/// Our side of the exchange with the second implementation: every generated message of Proto/,
/// converted on demand.
///
/// Requests come on standard input, answers go to standard output, in order:
///
///     request:  4 bytes length, big-endian; 1 byte operation; 2 bytes length and the type's full
///               name; the message
///     answer:   4 bytes length; 1 byte, 0 done, 1 refused or 2 unknown type; the message, or 4
///               bytes of offset and a text
///
/// Operations: `P` protobuf to native, `N` native to protobuf, `R` native to native.
@main
struct NativeTestee {
  static let types = TypeRegistry(
    SaraiOptions.messages + SaraiType.messages + SaraiRPC.messages + Identity.messages
      + Catalog.messages + Payments.messages + Onboarding.messages + Gateway.messages
      + Operations.messages + Every.messages + GoogleProtobuf.messages)

  static func main() {
    var input = StandardInput()
    var output: [UInt8] = []
    while let header = input.read(4) {
      let count = header.reduce(0) { $0 << 8 | Int($1) }
      guard let request = input.read(count) else { fail("the input ends inside a request") }
      let answer = answer(to: request)
      for shift in [24, 16, 8, 0] {
        output.append(UInt8(truncatingIfNeeded: answer.count >> shift))
      }
      output += answer
      if !input.hasBuffered || output.count > 1 << 16 {
        write(output)
        output.removeAll(keepingCapacity: true)
      }
    }
    write(output)
  }

  private static func answer(to request: [UInt8]) -> [UInt8] {
    guard request.count >= 3 else { fail("a request of \(request.count) bytes") }
    let nameEnd = 3 + (Int(request[1]) << 8 | Int(request[2]))
    guard nameEnd <= request.count else { fail("a type's name past the end of its request") }
    let name = String(decoding: request[3..<nameEnd], as: UTF8.self)
    guard let layout = types[name] else { return [2] }
    let isFromProtobuf = request[0] == UInt8(ascii: "P")
    let isToProtobuf = request[0] == UInt8(ascii: "N")
    do throws(WireError) {
      let message = try DynamicMessage(
        layout, decoding: Array(request[nameEnd...]), as: isFromProtobuf ? .protobuf : .native)
      return [0] + (try message.encoded(as: isToProtobuf ? .protobuf : .native))
    } catch {
      let offset = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: error.byteOffset >> $0) }
      return [1] + offset + error.description.utf8
    }
  }

  private static func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(1, $0.baseAddress, $0.count) }
      if count <= 0 { fail("cannot write") }
      rest = rest.dropFirst(count)
    }
  }

  static func fail(_ reason: String) -> Never {
    let line = "native-testee: \(reason)\n"
    _ = unsafe Glibc.write(2, line, line.utf8.count)
    exit(2)
  }
}

/// Standard input, read in large pieces.
struct StandardInput {
  private var buffer: [UInt8] = []
  private var position = 0

  /// Whether bytes are at hand that were not asked for yet.
  var hasBuffered: Bool { position < buffer.count }

  /// The next `count` bytes; nil when the input ends first.
  mutating func read(_ count: Int) -> [UInt8]? {
    while buffer.count - position < count {
      buffer.removeFirst(position)
      position = 0
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      let got = unsafe piece.withUnsafeMutableBytes {
        unsafe Glibc.read(0, $0.baseAddress, $0.count)
      }
      if got <= 0 { return nil }
      buffer += piece[..<got]
    }
    position += count
    return Array(buffer[(position - count)..<position])
  }
}
