import Platform

/// One line of a log, before it is written.
struct LogLine {
  let time: Duration
  let level: Log.Level
  let service: String
  let message: String
  let fields: [LogField]

  /// Longer texts are cut, so that no caller can fill the log.
  private static let textBytesMax = 2_000

  func text(as format: Log.Format) -> String {
    switch format {
    case .text: human
    case .json: json
    }
  }

  /// `12:34:56.789 warning  the message  name=value name="a text"`
  private var human: String {
    let clock = CivilTime(sinceEpoch: time)
    var line = "\(clock.timeOfDay) \(level.rawValue.padded(to: 7)) \(Self.plain(message))"
    for field in fields {
      switch field.value {
      case .text(let text):
        let isWord =
          !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 }
        line += " \(field.name)=\(isWord ? Self.cut(text) : Self.quoted(text))"
      case .integer(let number): line += " \(field.name)=\(number)"
      case .duration(let duration): line += " \(field.name)=\(Self.milliseconds(duration))ms"
      }
    }
    return line
  }

  private var json: String {
    var members = [
      "\"time\":\"\(CivilTime(sinceEpoch: time).text)\"", "\"level\":\"\(level.rawValue)\"",
      "\"service\":\(Self.quoted(service))", "\"message\":\(Self.quoted(message))",
    ]
    for field in fields {
      switch field.value {
      case .text(let text): members.append("\(Self.quoted(field.name)):\(Self.quoted(text))")
      case .integer(let number): members.append("\(Self.quoted(field.name)):\(number)")
      case .duration(let duration):
        members.append("\(Self.quoted(field.name + "_ms")):\(Self.milliseconds(duration))")
      }
    }
    return "{\(members.joined(separator: ","))}"
  }

  private static func milliseconds(_ duration: Duration) -> Double {
    (Double(duration.nanoseconds) / 1_000).rounded() / 1_000
  }

  /// What a caller wrote must not move the cursor or begin a line of its own.
  private static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(cut(text).unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in cut(text).unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where isControl(scalar):
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// C0, DEL and C1, the separators of lines, and what turns the direction of writing.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > textBytesMax else { return text }
    // By bytes: one character may have any number of marks.
    let beginning = String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
    return "\(beginning)… (\(text.utf8.count) bytes)"
  }
}
