import Platform

/// Prometheus's text format:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
enum MetricText {
  /// `{name="value",…}`, or nothing.
  static func braces(_ labels: [(name: String, value: String)]) -> String {
    if labels.isEmpty { return "" }
    let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  static func help(_ text: String) -> String { escaped(text, quotes: false) }

  static func seconds(_ duration: Duration) -> String {
    number(Double(duration.nanoseconds) / 1_000_000_000)
  }

  /// A number with a whole value has no point.
  static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? (value.isNaN ? "NaN" : "\(value)")
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
