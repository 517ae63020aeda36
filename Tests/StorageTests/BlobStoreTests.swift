import Foundation
import Platform
import Storage
import Testing

@Suite struct BlobStoreTests {
  private struct Place {
    let folder: URL
    let time: ManualTime
    let store: BlobStore

    func files() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
        $0.split(separator: "/").last.map { $0.utf8.count == 32 } ?? false
      }
    }

    func url(_ blob: Blob) -> URL {
      folder.appending(path: String(blob.name.prefix(2))).appending(path: blob.name)
    }
  }

  private static func withStore(_ body: (Place) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-blobs-\(Foundation.UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let now = Int64(Date().timeIntervalSince1970)
    let time = ManualTime(sinceEpoch: .seconds(now))
    try await body(
      Place(
        folder: folder, time: time,
        store: BlobStore(folder: folder.path, time: time, random: SeededRandom(seed: 7))))
  }

  private static func add(_ pieces: [[UInt8]], to store: BlobStore) async throws -> Blob {
    let writer = try await store.write(byteCountMax: 1_000_000)
    for piece in pieces { try await writer.append(piece) }
    return try await writer.finish()
  }

  @Test func `what was written in pieces is read in parts`() async throws {
    try await Self.withStore { place in
      let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let blob = try await Self.add(
        [Array(content[..<70_000]), [], Array(content[70_000...])], to: place.store)
      #expect(blob.byteCount == 200_000)
      var read: [UInt8] = []
      while let part = try await place.store.read(
        blob.name, at: Int64(read.count), countMax: 1_000_000), !part.isEmpty
      {
        #expect(part.count <= BlobStore.chunkBytesMax)
        read += part
      }
      #expect(read == content)
      let middle = try await place.store.read(blob.name, at: 99_990, countMax: 20)
      #expect(middle == Array(content[99_990..<100_010]))
      let fault = try await place.store.check(blob)
      #expect(fault == nil)
    }
  }

  @Test func `the digest is that of the content`() async throws {
    try await Self.withStore { place in
      let blob = try await Self.add([Array("a".utf8), Array("bc".utf8)], to: place.store)
      // FIPS 180-4, the example "abc".
      #expect(blob.sha256.prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
      #expect(blob.sha256.suffix(4) == [0xF2, 0x00, 0x15, 0xAD])
    }
  }

  @Test func `a blob that is larger than agreed leaves nothing behind`() async throws {
    try await Self.withStore { place in
      do {
        let writer = try await place.store.write(byteCountMax: 10)
        try await writer.append([1, 2, 3])
        let thrown = await #expect(throws: StorageError.self) {
          try await writer.append(Array(repeating: 0, count: 8))
        }
        #expect(thrown?.code == .invalid)
      }
      #expect(try place.files() == [])
    }
  }

  @Test(arguments: ["", "../../etc/passwd", String(repeating: "A", count: 32), "0123"])
  func `only names that the store makes are looked for`(_ name: String) async throws {
    try await Self.withStore { place in
      let read = try await place.store.read(name, at: 0, countMax: 10)
      #expect(read == nil)
      try await place.store.delete(name)
      let fault = try await place.store.check(Blob(name: name, byteCount: 0, sha256: []))
      #expect(fault == .missing)
    }
  }

  @Test func `a file that changed or went is found`() async throws {
    try await Self.withStore { place in
      let changed = try await Self.add([[1, 2, 3]], to: place.store)
      let gone = try await Self.add([[4]], to: place.store)
      try Data([1, 2, 4]).write(to: place.url(changed))
      try await place.store.delete(gone.name)
      let faults = [
        try await place.store.check(changed), try await place.store.check(gone),
      ]
      #expect(faults == [.otherContent, .missing])
    }
  }

  @Test func `files without a row are collected after a day, not before`() async throws {
    try await Self.withStore { place in
      let kept = try await Self.add([[1]], to: place.store)
      _ = try await Self.add([[2]], to: place.store)
      let writer = try await place.store.write(byteCountMax: 10)
      try await writer.append([3])
      let early = try await place.store.collect { _ in [] }
      #expect(early == 0)
      place.time.advance(by: BlobStore.orphanAge + .seconds(3_600))
      let removed = try await place.store.collect { Set($0).intersection([kept.name]) }
      #expect(removed == 2)
      #expect(try place.files().count == 1)
      await #expect(throws: StorageError.self) { try await writer.finish() }
    }
  }
}
