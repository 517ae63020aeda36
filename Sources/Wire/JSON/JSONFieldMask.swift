/// The text form of `google.protobuf.FieldMask`: paths in lowerCamelCase, joined by commas.
enum JSONFieldMask {
  /// - Returns: nil when a path would not read back as itself.
  static func text(_ paths: [String]) -> String? {
    var texts: [String] = []
    for path in paths {
      let text = FieldInfo.defaultJSONName(of: path)
      guard !path.isEmpty, !path.contains(","), self.path(text) == path else { return nil }
      texts.append(text)
    }
    return texts.joined(separator: ",")
  }

  /// - Returns: nil when the text is not in lowerCamelCase.
  static func paths(_ text: String) -> [String]? {
    if text.isEmpty { return [] }
    var paths: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !part.isEmpty, let path = path(String(part)) else { return nil }
      paths.append(path)
    }
    return paths
  }

  private static func path(_ text: String) -> String? {
    var path = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "_": return nil
      case "A"..."Z":
        path += "_"
        path.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 32))
      default: path.unicodeScalars.append(scalar)
      }
    }
    return path
  }
}
