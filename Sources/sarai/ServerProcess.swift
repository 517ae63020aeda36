import Foundation
import LoadTest

/// The process on this machine that listens on a port, to read its CPU time.
struct ServerProcess: Sendable {
  private let stat: String

  /// Finds it by the socket that it listens on; nil if it is on another machine, or another user's.
  init?(port: UInt16) {
    let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
      ProcText.listeners(on: port, in: Self.text(path))
    }
    guard !inodes.isEmpty,
      let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc")
    else { return nil }
    for entry in entries where Int(entry) != nil {
      let folder = "/proc/\(entry)/fd"
      let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let listens = descriptors.contains { descriptor in
        let link = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "\(folder)/\(descriptor)")
        return link.flatMap(ProcText.socketInode).map(inodes.contains) ?? false
      }
      if listens {
        stat = "/proc/\(entry)/stat"
        return
      }
    }
    return nil
  }

  /// The CPU time that it has used, in seconds.
  var cpuSeconds: Double? { ProcText.cpuSeconds(Self.text(stat)) }

  /// The CPU time that this process has used, in seconds.
  static var ownCPUSeconds: Double? { ProcText.cpuSeconds(text("/proc/self/stat")) }

  private static func text(_ path: String) -> String {
    guard let file = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? file.close() }
    // Files of /proc have no size and come a page at a time: only an empty read is their end.
    var bytes = Data()
    while let part = try? file.read(upToCount: 1 << 16), !part.isEmpty, bytes.count < 64 << 20 {
      bytes.append(part)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
