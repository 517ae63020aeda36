import Foundation
import Platform

/// What befalls the machine of a service, and passes.
enum Trouble: String, CaseIterable, Sendable {
  /// The disk of the data is full.
  case full
  /// The disk takes nothing: fdatasync gives EIO.
  case failing
  /// The clock is a day ahead, or a day behind.
  case clock

  /// How far the clock jumps.
  static let jump: Int64 = 86_400 * 1_000_000_000
  /// How long a trouble lasts.
  static let duration: Duration = .milliseconds(700)
  /// How soon after it writes go on.
  static let recoveryMax: Duration = .seconds(5)
}

/// A machine that can be troubled: a small disk of its own for the data, and a library that goes
/// before the C library in the service.
final class TroubledMachine: @unchecked Sendable {
  // Sendable, because only the task that makes trouble touches it.
  private let trouble: Trouble
  private let folder: String
  private let library: String
  private let isAhead = Lock(false)
  private let isMounted = Lock(false)
  private let clockChanged: @Sendable (Duration) -> Void

  /// What the disk holds, in MiB.
  private static let diskSize = 256

  /// - Parameters:
  ///   - folder: where the service's data lies, `data` in it.
  ///   - library: what `trouble.c` has been made into.
  ///   - clockChanged: is told how far the service's clock is ahead now.
  init(
    _ trouble: Trouble, folder: String, library: String,
    clockChanged: @escaping @Sendable (Duration) -> Void
  ) throws {
    self.trouble = trouble
    self.folder = folder
    self.library = library
    self.clockChanged = clockChanged
    try Data(count: 16).write(to: URL(filePath: "\(folder)/trouble"))
    if trouble == .full {
      try run(
        "mkdir '\(folder)/data' && mount -t tmpfs -o size=\(Self.diskSize)m tmpfs '\(folder)/data'")
      isMounted.withLock { $0 = true }
    }
  }

  /// What the service's environment has beside its own.
  var environment: [String: String] {
    ["LD_PRELOAD": library, "CHAOS_TROUBLE": "\(folder)/trouble"]
  }

  func begin() throws {
    switch trouble {
    case .full:
      // Whatever is free is taken, at once and for as long as it lasts.
      try? run("cat /dev/zero >'\(folder)/data/filler' 2>/dev/null")
    case .failing: try set(ahead: 0, fails: 1)
    case .clock:
      let ahead = isAhead.withLock { isAhead in
        isAhead.toggle()
        return isAhead ? Trouble.jump : -Trouble.jump
      }
      try set(ahead: ahead, fails: 0)
      clockChanged(.nanoseconds(ahead))
    }
  }

  func end() throws {
    switch trouble {
    case .full: try run("rm -f '\(folder)/data/filler'")
    case .failing: try set(ahead: 0, fails: 0)
    case .clock:
      try set(ahead: 0, fails: 0)
      clockChanged(.zero)
    }
  }

  /// Takes its disk away.
  func stop() {
    let wasMounted = isMounted.withLock { isMounted in
      defer { isMounted = false }
      return isMounted
    }
    if wasMounted { try? run("umount '\(folder)/data'") }
  }

  private func set(ahead: Int64, fails: Int64) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: "\(folder)/trouble"))
    defer { try? file.close() }
    for word in [ahead, fails] {
      try file.write(contentsOf: (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
    }
  }

  private func run(_ script: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ChaosError("this did not work: \(script)") }
  }
}
