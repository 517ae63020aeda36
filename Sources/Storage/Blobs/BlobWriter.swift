import Cryptography
import Platform

/// A blob that comes piece by piece. One task at a time uses it; when it goes away unfinished, so
/// does what was written.
public final class BlobWriter: Sendable {
  /// Touched by one thread of the store after the other.
  private final class State {
    var file: File?
    let hash = SHA256Stream()
    var byteCount: Int64 = 0

    init(_ file: File) { self.file = file }
  }

  private let state: Lock<State>
  private let name: String
  private let byteCountMax: Int64
  private let store: BlobStore

  /// - Throws: `StorageError`. Called on a thread of the store.
  init(_ store: BlobStore, name: String, byteCountMax: Int64) throws(StorageError) {
    self.store = store
    self.name = name
    self.byteCountMax = byteCountMax
    state = Lock(State(try File(creating: "\(store.unfinished.path)/\(name)")))
  }

  deinit {
    state.withLock { discard(&$0) }
  }

  /// Nothing is lost if it cannot be removed: what is unfinished for a day is collected.
  private func discard(_ state: inout State) {
    if state.file == nil { return }
    state.file = nil
    try? store.unfinished.remove(name)
  }

  /// Takes the next piece.
  ///
  /// - Throws: `invalid` when it is more than was agreed, `unavailable` when the disk is full.
  public func append(_ bytes: [UInt8]) async throws {
    try await store.threads.run { [self] in
      try state.withLock { (state) throws(StorageError) in
        guard let file = state.file else { throw Self.isOver }
        guard state.byteCount + Int64(bytes.count) <= byteCountMax else {
          discard(&state)
          throw StorageError(.invalid, "the file is larger than \(byteCountMax) bytes")
        }
        try file.write(bytes)
        state.hash.update(bytes)
        state.byteCount += Int64(bytes.count)
      }
    }
  }

  /// Puts the blob in its place; it stays there once this returns. Its row comes afterwards: a file
  /// without a row is collected, a row without a file is a loss.
  public func finish() async throws -> Blob {
    try await store.threads.run { [self] in
      try state.withLock { (state) throws(StorageError) in
        guard let file = state.file else { throw Self.isOver }
        try file.sync()
        let blob = Blob(name: name, byteCount: state.byteCount, sha256: state.hash.finish())
        let folder = store.folder(of: blob.name)
        try folder.create()
        try folder.take(file.path, as: name)
        state.file = nil
        return blob
      }
    }
  }

  private static let isOver = StorageError(.invalid, "the blob is finished")
}
