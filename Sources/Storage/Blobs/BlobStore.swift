import Cryptography
public import Platform

/// Documents and media: files beside a service's database, whichever engine that is. The rows that
/// describe them are the service's.
public final class BlobStore: Sendable {
  /// How many bytes are read at once.
  public static let chunkBytesMax = 65_536
  /// How long a file without a row is left alone: its row may still come.
  public static let orphanAge: Duration = .seconds(86_400)

  private static let namesAtOnce = 500

  let root: Folder
  /// Where files are that are being written.
  let unfinished: Folder
  let threads: BlockingThreads
  private let random: any RandomSource
  private let time: any TimeSource
  /// Backups under way; until they end nothing is removed that they may want.
  private let backupCount = Lock(0)

  /// A store in a folder, which is made if it is not there.
  ///
  /// - Throws: `StorageError` of `unavailable`.
  public init(
    folder: String, time: any TimeSource, random: any RandomSource, threadCount: Int = 2,
    waitingMax: Int = 1_024
  ) throws(StorageError) {
    root = Folder(path: folder)
    unfinished = Folder(path: "\(folder)/unfinished")
    self.time = time
    self.random = random
    try root.create()
    try unfinished.create()
    threads = BlockingThreads(count: threadCount, waitingMax: waitingMax)
  }

  /// Begins a blob of at most so many bytes.
  public func write(byteCountMax: Int64) async throws -> BlobWriter {
    let name = Hex.text(random.bytes(16))
    return try await threads.run { [self] in
      try BlobWriter(self, name: name, byteCountMax: byteCountMax)
    }
  }

  /// A part of a blob, at most `chunkBytesMax`: from `offset` on, fewer bytes than asked for only at
  /// its end. Nil when there is no such blob.
  public func read(_ name: String, at offset: Int64, countMax: Int) async throws -> [UInt8]? {
    guard Blob.isName(name), offset >= 0 else { return nil }
    let path = path(of: name)
    return try await threads.run {
      let file = try File(reading: path)
      return try file?.read(at: offset, countMax: max(0, min(countMax, Self.chunkBytesMax)))
    }
  }

  /// Removes a blob, whose row must have gone. It may have gone already.
  public func delete(_ name: String) async throws {
    // What a backup may want goes later, as a file without a row.
    guard Blob.isName(name), backupCount.withLock({ $0 == 0 }) else { return }
    let folder = folder(of: name)
    try await threads.run { try folder.remove(name) }
  }

  /// Removes files that have no row, a day after they were written.
  ///
  /// - Parameter known: Which of some names have a row.
  /// - Returns: how many were removed.
  @discardableResult
  public func collect(known: @Sendable ([String]) async throws -> Set<String>) async throws -> Int {
    let end = time.sinceEpoch() - Self.orphanAge
    var removed = 0
    for folder in try await folders() + [unfinished] {
      let old = try await threads.run {
        try folder.names().filter { name in folder.modifiedAt(name).map { $0 < end } ?? false }
      }
      for start in stride(from: 0, to: old.count, by: Self.namesAtOnce) {
        let names = Array(old[start..<min(old.count, start + Self.namesAtOnce)])
        let kept = folder.path == unfinished.path ? [] : try await known(names)
        for name in names where !kept.contains(name) && backupCount.withLock({ $0 == 0 }) {
          try await threads.run { try folder.remove(name) }
          removed += 1
        }
      }
    }
    return removed
  }

  /// Reads a blob as a whole, to see whether it is what its row says.
  ///
  /// - Returns: nil when it is.
  public func check(_ blob: Blob) async throws -> Blob.Fault? {
    guard Blob.isName(blob.name) else { return .missing }
    let path = path(of: blob.name)
    return try await threads.run {
      guard let found = try FileDigest.of(path) else { return .missing }
      return found.sha256 == blob.sha256 && found.byteCount == blob.byteCount ? nil : .otherContent
    }
  }

  func folder(of name: String) -> Folder { Folder(path: "\(root.path)/\(name.prefix(2))") }

  private func path(of name: String) -> String { "\(folder(of: name).path)/\(name)" }

  func folders() async throws -> [Folder] {
    let root = root
    return try await threads.run {
      try root.names().filter { $0.utf8.count == 2 }.map { Folder(path: "\(root.path)/\($0)") }
    }
  }

  /// Runs `body` while nothing is removed.
  func keepingAll<Value>(_ body: () async throws -> Value) async throws -> Value {
    backupCount.withLock { $0 += 1 }
    defer { backupCount.withLock { $0 -= 1 } }
    return try await body()
  }
}
