import Glibc
import Wire

/// What the program fuzzes, chosen by the environment variable `FUZZ_TARGET`.
enum Target: String, CaseIterable {
  case native, protobuf, json, schema, http1, frame, framing, header

  static let chosen: Target = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("FUZZ_TARGET must be one of \(allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return target
  }()

  /// Parses the bytes, whatever they are, and checks what must hold for the outcome.
  func examine(_ bytes: [UInt8]) {
    switch self {
    case .native: examineNative(bytes)
    case .protobuf: examineConvertible(bytes, as: .protobuf)
    case .json: examineConvertible(bytes, as: .json)
    case .schema: examineSchema(bytes)
    case .http1: examineHTTP1(bytes)
    case .frame: examineFrames(bytes)
    case .framing: examineFraming(bytes)
    case .header: examineHeader(bytes)
    }
  }
}

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  Target.chosen.examine(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Cuts bytes in pieces of up to `byteCountMax`, in the same way for the same bytes; one piece for 0
/// and of nothing.
func pieces(of bytes: ArraySlice<UInt8>, byteCountMax: Int) -> [[UInt8]] {
  if byteCountMax == 0 || bytes.isEmpty { return [Array(bytes)] }
  var state = bytes.reduce(5381 as UInt64) { $0 &* 33 &+ UInt64($1) }
  var pieces: [[UInt8]] = []
  var rest = bytes
  while !rest.isEmpty {
    state = state &* 6_364_136_223_846_793_005 &+ 1
    let count = Int(state >> 33) % byteCountMax + 1
    pieces.append(Array(rest.prefix(count)))
    rest = rest.dropFirst(count)
  }
  return pieces
}

/// Ends the program, which libFuzzer reports as a finding, when a property does not hold.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
  if !holds { fatalError("broken: \(property())") }
}
