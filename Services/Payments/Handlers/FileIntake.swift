import Cryptography
import PaymentsContracts
import Platform
import RPC
import TypeContracts
import WellKnownTypes
import Wire

/// Takes and gives the bytes of files.
struct FileIntake: Sendable {
  let context: TradeContext

  /// A file that came in.
  struct File: Sendable {
    let bytes: [UInt8]
    let kind: FileKind

    var sha256: [UInt8] { SHA256.digest(bytes) }
  }

  /// The longest piece that a stream carries.
  static let chunkBytesMax = 64 << 10

  /// Reads a stream to its end: the first message, and the bytes of all.
  ///
  /// - Throws: DOCUMENT_REFUSED for one too long, or of a kind that is not allowed.
  func read<Request: Message>(
    _ requests: RequestStream<Request>, chunk: @Sendable (Request) -> [UInt8],
    kinds: Set<FileKind>, bytesMax: Int
  ) async throws -> (Request, File) {
    guard let first = try await requests.next() else {
      throw RPCError(.invalidArgument, "the stream ended before its first message")
    }
    var bytes = chunk(first)
    while let request = try await requests.next() {
      let piece = chunk(request)
      guard piece.count <= Self.chunkBytesMax, bytes.count + piece.count <= bytesMax else {
        throw PaymentsError.refused(
          .documentRefused, "the file is longer than \(bytesMax >> 20) MiB: send a smaller one")
      }
      bytes += piece
    }
    let start = Array(bytes.prefix(FileKind.bytesNeeded))
    guard let kind = FileKind(firstBytes: start), kinds.contains(kind) else {
      let names = kinds.map(\.rawValue).sorted().joined(separator: ", ")
      throw PaymentsError.refused(.documentRefused, "the file is none of \(names)")
    }
    return (first, File(bytes: bytes, kind: kind))
  }

  /// Keeps a file.
  func keep(
    _ file: File, name: String, by actor: SaraiType.Actor
  ) async throws -> SaraiType.BlobInfo {
    SaraiType.BlobInfo(
      id: try await context.files.put(file.bytes), fileName: FileKind.safeName(name),
      mediaType: file.kind.rawValue, sizeBytes: Int64(file.bytes.count), sha256: file.sha256,
      uploadedAt: GoogleProtobuf.Timestamp(sinceEpoch: context.now), uploadedBy: actor)
  }

  /// Sends a file's bytes.
  func send(
    _ info: SaraiType.BlobInfo?, _ responses: ResponseWriter<SaraiType.BlobChunk>
  ) async throws {
    guard let info, let bytes = try await context.files.get(info.id),
      SHA256.digest(bytes) == info.sha256
    else { throw RPCError(.dataLoss, "the file's bytes are lost: tell the operator") }
    var offset = 0
    repeat {
      let end = min(bytes.count, offset + Self.chunkBytesMax)
      try await responses.send(
        SaraiType.BlobChunk(
          info: offset == 0 ? info : nil, offsetBytes: Int64(offset),
          chunk: Array(bytes[offset..<end])))
      offset = end
    } while offset < bytes.count
  }
}
