import Foundation
import Platform
import Reactor

/// A service's program, which is killed and started again.
final class Victim: @unchecked Sendable {
  // Sendable, because only the task that kills it touches it.
  let address: SocketAddress
  private let program: URL
  private let arguments: [String]
  private let loop: EventLoop
  private let environment: [String: String]
  private let log: FileHandle
  private var process: Process?

  init(
    _ program: URL, _ arguments: [String], environment: [String: String],
    at address: SocketAddress, log path: String, on loop: EventLoop
  ) throws {
    self.program = program
    self.arguments = arguments
    self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    self.address = address
    self.loop = loop
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    log = try FileHandle(forWritingTo: URL(filePath: path))
    try log.seekToEnd()
  }

  /// Starts it.
  func start() throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment
    process.standardError = log
    process.standardOutput = log
    try process.run()
    self.process = process
  }

  /// Returns once it takes connections.
  ///
  /// - Returns: whether it does so within 10 seconds.
  func ready() async -> Bool {
    let time = SystemTime()
    let end = time.now() + .seconds(10)
    while time.now() < end {
      if await Probe.connects(to: address, on: loop) { return true }
      await time.sleep(until: time.now() + .milliseconds(1))
    }
    return false
  }

  /// Ends it as a power failure of the process would.
  func kill() {
    guard let process else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }
}

/// Finds out whether somebody listens. On its loop.
private final class Probe: ConnectionHandler {
  private let continuation: CheckedContinuation<Bool, Never>
  private var hasEnded = false

  private init(_ continuation: CheckedContinuation<Bool, Never>) {
    self.continuation = continuation
  }

  static func connects(to address: SocketAddress, on loop: EventLoop) async -> Bool {
    await withCheckedContinuation { continuation in
      loop.execute {
        let probe = Probe(continuation)
        do { _ = try loop.connect(to: address, handler: probe) } catch { probe.end(false) }
      }
    }
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    end(true)
    connection.close()
  }

  func connectionReceived(_ bytes: Span<UInt8>) {}
  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {}
  func connectionClosed(_ reason: ConnectionEnd) { end(false) }

  private func end(_ isThere: Bool) {
    if hasEnded { return }
    hasEnded = true
    continuation.resume(returning: isThere)
  }
}
