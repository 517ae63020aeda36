import Foundation
import Platform

/// The guest book as a process of its own, in a folder that goes with it.
final class SampleProcess: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process: Process
  private let output: Pipe
  private let text = Lock("")
  let folder: URL

  /// - Parameters:
  ///   - arguments: beside those that give it free ports and a folder; a word comes first.
  ///   - data: its folder, if not one of its own.
  ///   - isServing: whether callers come, who are believed who they say they are.
  init(
    _ arguments: [String] = [], data: String? = nil, port: Substring = "0",
    isServing: Bool = true, environment: [String: String] = [:]
  ) throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-sample-\(Foundation.UUID().uuidString)")
    process = Process()
    output = Pipe()
    process.executableURL = try Self.program()
    process.arguments =
      arguments + [
        "--port", String(port), "--data", data ?? folder.path, "--log-format", "text",
      ] + (isServing ? ["--insecure-callers"] : [])
    process.environment = environment
    process.standardError = output
    process.standardOutput = output
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Beside the tests that were built with it.
  private static func program() throws -> URL {
    let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = [
      URL(filePath: here).deletingLastPathComponent(),
      URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
      root.appending(path: ".build/debug"),
    ]
    let found = places.map { $0.appending(path: "sample-service") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    guard let found else { throw Failure(description: "sample-service has not been built") }
    return found
  }

  var pid: Int32 { process.processIdentifier }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// What it has written until a line holds `words`, or its end.
  @discardableResult
  func read(until words: String) throws -> String {
    while true {
      let text = text.withLock { $0 }
      if let line = text.split(separator: "\n").first(where: { $0.contains(words) }) {
        return String(line)
      }
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw Failure(description: "no `\(words)` in:\n\(text)") }
      self.text.withLock { $0 += String(decoding: data, as: UTF8.self) }
    }
  }

  /// All that it wrote, and how it ended.
  func end() -> (text: String, status: Int32) {
    let rest = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (text.withLock { $0 } + String(decoding: rest, as: UTF8.self), process.terminationStatus)
  }

  /// A field of the line that it writes when it is ready: `address`, `admin`.
  func ready(_ field: String) throws -> String {
    let line = try read(until: " ready ")
    guard let word = line.split(separator: " ").first(where: { $0.hasPrefix("\(field)=") }) else {
      throw Failure(description: "no \(field) in \(line)")
    }
    return String(word.dropFirst(field.count + 1))
  }

  /// Runs curl on the admin port.
  func get(_ path: String, _ options: [String] = []) throws -> String {
    try Self.run("/usr/bin/curl", ["-sS", "-i"] + options + ["http://\(ready("admin"))\(path)"])
  }

  static func run(_ program: String, _ arguments: [String], input: Data? = nil) throws -> String {
    let process = Process()
    let (output, pipe) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    process.standardInput = pipe
    try process.run()
    if let input { pipe.fileHandleForWriting.write(input) }
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: text) }
    return text
  }
}
