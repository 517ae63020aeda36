import Foundation

/// A server that lives as long as the tests, in a folder of its own, on a unix socket alone.
public struct PostgreSQLServer: Sendable {
  /// The one that all tests share; the first to ask starts it.
  public static let shared = Result { try PostgreSQLServer() }

  private let folder: URL
  private let programs: URL

  /// Why there is none.
  public struct Failure: Error, CustomStringConvertible {
    /// What happened.
    public let description: String
  }

  private init() throws {
    let versions = URL(filePath: "/usr/lib/postgresql")
    guard
      let version = try? FileManager.default.contentsOfDirectory(atPath: versions.path).sorted()
        .last
    else { throw Failure(description: "there is no PostgreSQL: install `postgresql`") }
    programs = versions.appending(path: version).appending(path: "bin")
    folder = FileManager.default.temporaryDirectory.appending(path: "sarai-pg-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    // PostgreSQL does not run as root. The server ends when the pipe does, which is when the tests
    // have ended, however that was.
    let script = """
      set -eu
      cd '\(folder.path)'
      as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
      if [ "$(id -u)" = 0 ]; then chown postgres .; fi
      as '\(programs.path)/initdb' --auth=trust --username=sarai --no-sync --encoding=UTF8 \
        --locale=C data >log 2>&1
      as '\(programs.path)/postgres' -D data -k '\(folder.path)' -c listen_addresses= \
        -c max_connections=400 -c max_prepared_transactions=0 >>log 2>&1 &
      read -r end || true
      as '\(programs.path)/pg_ctl' stop --silent --mode=immediate -D data
      rm -rf '\(folder.path)'
      """
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script]
    process.standardInput = Pipe()
    try process.run()
    for _ in 0..<200 where (try? psql("SELECT 1")) == nil { usleep(50_000) }
    _ = try psql("SELECT 1")
  }

  /// Where a database of it is.
  public func address(of database: String) -> String {
    "postgres:///\(database)?user=sarai&host=\(folder.path)"
  }

  /// Runs SQL as its owner, and gives what it prints.
  @discardableResult
  public func psql(_ sql: String) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = programs.appending(path: "psql")
    process.arguments = [address(of: "postgres"), "-qAtX", "-c", sql]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: text) }
    return text
  }
}
