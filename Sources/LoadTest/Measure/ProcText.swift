/// What Linux tells of processes, as text of /proc (proc(5)).
public enum ProcText {
  /// Clock ticks a second in /proc, whatever the kernel's own clock (USER_HZ).
  public static let ticksPerSecond = 100.0

  /// The inodes of sockets that listen on a port, from /proc/net/tcp or tcp6.
  public static func listeners(on port: UInt16, in table: String) -> [UInt64] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      // 0A is TCP_LISTEN.
      guard words.count > 9, words[3] == "0A",
        let colon = words[1].lastIndex(of: ":"),
        UInt16(words[1][words[1].index(after: colon)...], radix: 16) == port
      else { return nil }
      return UInt64(words[9])
    }
  }

  /// The inode that a link of /proc/PID/fd names: `socket:[12345]`.
  public static func socketInode(_ link: String) -> UInt64? {
    guard link.hasPrefix("socket:["), link.hasSuffix("]") else { return nil }
    return UInt64(link.dropFirst(8).dropLast())
  }

  /// The seconds of CPU, its own and the kernel's for it, of a process by its /proc/PID/stat.
  public static func cpuSeconds(_ stat: String) -> Double? {
    // The program's name stands in parentheses and may hold anything, parentheses too.
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let words = stat[stat.index(after: end)...].split(separator: " ")
    guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else {
      return nil
    }
    return (user + system) / ticksPerSecond
  }
}
