internal import Wire

extension WireEnum {
  /// As the audit log names a value: without the prefix that all of the enum's names have.
  var name: String {
    guard let name = Self.layout.name(of: rawValue), let zero = Self.layout.name(of: 0),
      zero.hasSuffix("UNSPECIFIED"), name.hasPrefix(zero.dropLast("UNSPECIFIED".count))
    else { return "\(rawValue)" }
    return String(name.dropFirst(zero.count - "UNSPECIFIED".count))
  }
}
