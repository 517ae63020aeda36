import Platform
import Storage

/// Keeps files: papers of shipments, evidence.
protocol FileStore: Sendable {
  /// Keeps a file; durable when it returns.
  ///
  /// - Returns: the id that it is found by.
  func put(_ bytes: [UInt8]) async throws -> String

  /// The bytes of a file; nil if there is none.
  func get(_ id: String) async throws -> [UInt8]?
}

/// Keeps files as blobs; the id is the blob's name, written as a UUID.
struct BlobFiles: FileStore {
  let blobs: BlobStore

  func put(_ bytes: [UInt8]) async throws -> String {
    let writer = try await blobs.write(byteCountMax: Int64(bytes.count))
    try await writer.append(bytes)
    let name = try await writer.finish().name
    let words = [name.prefix(16), name.dropFirst(16)].map { UInt64($0, radix: 16) ?? 0 }
    return UUID(high: words[0], low: words[1]).description
  }

  func get(_ id: String) async throws -> [UInt8]? {
    let name = id.filter { $0 != "-" }
    var bytes: [UInt8] = []
    while let piece = try await blobs.read(
      name, at: Int64(bytes.count), countMax: BlobStore.chunkBytesMax)
    {
      if piece.isEmpty { return bytes }
      bytes += piece
    }
    return nil
  }
}
