import Glibc
import Platform

/// What this process uses of the machine, from /proc/self, proc(5).
enum ProcessUse {
  /// Bytes in memory.
  static var residentBytes: Int64 {
    let pages = words("/proc/self/statm").dropFirst().first.flatMap { Int64($0) } ?? 0
    return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Seconds of processors, its own and the kernel's for it.
  static var processorSeconds: Double {
    // Behind the name in parentheses, which may hold spaces, the 12th and 13th are what is wanted.
    let text = (try? SystemFiles.text("/proc/self/stat")) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let own = Double(fields[11]), let kernel = Double(fields[12]) else {
      return 0
    }
    return (own + kernel) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func words(_ path: String) -> [Substring] {
    ((try? SystemFiles.text(path)) ?? "").split(separator: " ")
  }
}
