import Glibc
import Wire

/// What the program fuzzes, chosen by the environment variable `FUZZ_TARGET`.
enum Target: String {
  case native, protobuf, json, schema, http1

  static let chosen: Target = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("FUZZ_TARGET must be native, protobuf, json, schema or http1")
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
    }
  }
}

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  Target.chosen.examine(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Ends the program, which libFuzzer reports as a finding, when a property does not hold.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
  if !holds { fatalError("broken: \(property())") }
}
