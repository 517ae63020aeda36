import Foundation

/// A PostgreSQL server of its own, on a unix socket in a scratch folder, that is struck, too.
struct ScratchPostgreSQL: Sendable {
  private let folder: String
  private let programs: String

  init(_ folder: String) throws {
    let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
    guard let version = versions.sorted().last else {
      throw ChaosError("there is no PostgreSQL: install `postgresql`")
    }
    programs = "/usr/lib/postgresql/\(version)/bin"
    self.folder = folder
    try run(
      """
      mkdir -p '\(folder)'; if [ "$(id -u)" = 0 ]; then chown postgres '\(folder)'; fi
      as '\(programs)/initdb' -D '\(folder)/data' --auth=trust --username=sarai --encoding=UTF8 --locale=C
      as '\(programs)/pg_ctl' start --wait --silent -D '\(folder)/data' -l '\(folder)/log' \
        -o "-k '\(folder)' -c listen_addresses= -c max_connections=50"
      '\(programs)/psql' -qAtX '\(address("postgres"))' -c 'CREATE DATABASE chaos'
      """)
  }

  func address(_ database: String = "chaos") -> String {
    "postgres:///\(database)?user=sarai&host=\(folder)"
  }

  /// Ends it at once, without a checkpoint, and starts it again.
  func restart() throws {
    try run(
      "as '\(programs)/pg_ctl' restart --wait --silent --mode=immediate -D '\(folder)/data' -l '\(folder)/log'"
    )
  }

  func stop() {
    try? run("as '\(programs)/pg_ctl' stop --silent --mode=immediate -D '\(folder)/data'")
  }

  private func run(_ script: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [
      "-c",
      """
      set -eu; cd /
      as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
      # Whoever waits for this script waits until these are closed, by the server as well.
      for file in /proc/self/fd/*; do
        if (( ${file##*/} > 2 )); then eval "exec ${file##*/}>&-"; fi
      done
      { \(script)
      } >/dev/null 2>>/tmp/sarai-chaos-postgresql.log
      """,
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ChaosError("PostgreSQL did not do it; see /tmp/sarai-chaos-postgresql.log")
    }
  }
}

/// Why the harness cannot go on.
struct ChaosError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
