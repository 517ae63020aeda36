public import Platform
public import Wire

/// What a process tells about itself, a line at a time. Any task may use it; it never waits: lines
/// go out on a thread of their own, and when that cannot keep up they are counted instead of kept.
public final class Log: Sendable {
  /// How much a line matters.
  public enum Level: String, Sendable, CaseIterable, Comparable {
    /// For whoever looks for a fault.
    case debug
    /// What happens in the normal course.
    case info
    /// What should be looked at when there is time.
    case warning
    /// What somebody has to do something about: the line says what.
    case error

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether `left` matters less.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
  }

  /// How a line is written.
  public enum Format: String, Sendable, CaseIterable {
    /// For people at a terminal.
    case text
    /// For programs that collect logs: a JSON object a line.
    case json
  }

  private let level: Level
  private let format: Format
  private let service: String
  private let time: any TimeSource
  private let sink: any LogSink

  /// The log of a service.
  public init(
    _ service: String, from level: Level, as format: Format, to sink: any LogSink,
    time: any TimeSource
  ) {
    self.service = service
    self.level = level
    self.format = format
    self.sink = sink
    self.time = time
  }

  /// Something for whoever looks for a fault.
  public func debug(_ message: @autoclosure () -> String, _ fields: LogField...) {
    write(.debug, message, fields)
  }

  /// Something in the normal course.
  public func info(_ message: @autoclosure () -> String, _ fields: LogField...) {
    write(.info, message, fields)
  }

  /// Something to look at when there is time.
  public func warning(_ message: @autoclosure () -> String, _ fields: LogField...) {
    write(.warning, message, fields)
  }

  /// Something that somebody has to do something about.
  public func error(_ message: @autoclosure () -> String, _ fields: LogField...) {
    write(.error, message, fields)
  }

  /// Whether lines of a level are written: who would gather much for one asks first.
  func takes(_ level: Level) -> Bool { level >= self.level }

  /// A line of any level.
  public func write(_ level: Level, _ message: () -> String, _ fields: [LogField]) {
    guard takes(level) else { return }
    let line = LogLine(
      time: time.sinceEpoch(), level: level, service: service, message: message(), fields: fields)
    sink.write(line.text(as: format))
  }
}

/// Where lines go.
public protocol LogSink: Sendable {
  /// Takes a line without its end; does not wait.
  func write(_ line: String)
}

/// A name and a value beside a message.
public struct LogField: Sendable {
  let name: String
  let value: Value

  enum Value {
    case text(String), integer(Int64), duration(Duration)
  }

  /// A text.
  public static func text(_ name: String, _ value: String) -> LogField {
    LogField(name: name, value: .text(value))
  }

  /// A whole number.
  public static func integer(_ name: String, _ value: some BinaryInteger) -> LogField {
    LogField(name: name, value: .integer(Int64(clamping: value)))
  }

  /// A message in JSON, with `"***"` in place of what its schema marks as sensitive.
  public static func message(_ name: String, _ value: some Message) -> LogField {
    var options = CodingOptions()
    options.hidesSensitiveInJSON = true
    options.dropsUnknownFields = true
    let bytes = try? value.encoded(as: .json, options: options)
    return .text(name, bytes.map { String(decoding: $0, as: UTF8.self) } ?? "(no JSON)")
  }

  /// A duration; in JSON its name gets `_ms` behind it.
  public static func duration(_ name: String, _ value: Duration) -> LogField {
    LogField(name: name, value: .duration(value))
  }
}
