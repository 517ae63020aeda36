import PaymentsContracts
import Platform
import RPC
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// A statement as a file, sent piece by piece while it is read.
struct StatementFile {
  let account: LedgerAccount
  let range: InstantRange
  let format: Payments.StatementFormat
  let showsOther: Bool

  private static let chunkBytesMax = 64 << 10
  private static let linesMax = 500

  /// Reads the movements and sends them in the form asked for.
  func send(
    from environment: PaymentsEnvironment, to responses: ResponseWriter<SaraiType.BlobChunk>,
    madeAt: Int64, id: UUID
  ) async throws {
    let form = try form(madeAt: madeAt, id: id)
    let (opening, closing) = try await environment.database.read { [self] session in
      (
        try environment.ledger.sums(of: account, at: range.from - 1, in: session),
        try environment.ledger.sums(of: account, at: range.to - 1, in: session)
      )
    }
    var waiting = form.head(opening, closing)
    var info: SaraiType.BlobInfo? = SaraiType.BlobInfo(
      id: id.description, fileName: "statement-\(account.id).\(form.fileExtension)",
      mediaType: form.mediaType,
      uploadedAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: madeAt),
      uploadedBy: SaraiType.Actor(kind: .service, serviceName: "payments"))
    var offset: Int64 = 0
    func flush(_ isEnd: Bool) async throws {
      while waiting.count >= Self.chunkBytesMax || isEnd && (!waiting.isEmpty || info != nil) {
        let chunk = Array(waiting.prefix(Self.chunkBytesMax))
        try await responses.send(
          SaraiType.BlobChunk(info: info, offsetBytes: offset, chunk: chunk))
        info = nil
        offset += Int64(chunk.count)
        waiting.removeFirst(chunk.count)
      }
    }
    var after = range.from - 1
    while true {
      let found = try await environment.database.read { [self, after] session in
        try environment.ledger.statement(
          of: account, after: after, before: range.to, countMax: Self.linesMax, in: session)
      }
      for stored in found {
        waiting += form.line(
          LedgerMessages.line(stored, of: account, showsOther: showsOther), at: stored.booked.at)
      }
      guard let last = found.last else { break }
      after = last.booked.at
      try await flush(false)
    }
    waiting += form.tail()
    try await flush(true)
  }

  private func form(madeAt: Int64, id: UUID) throws -> any StatementForm {
    switch format {
    case .unspecified, .csv: StatementCSV(account)
    case .jsonLines: StatementJSONLines()
    case .camt053: StatementCAMT(account, range, madeAt: madeAt, id: id)
    default:
      throw PaymentsError.featureAbsent("statements in that format")
    }
  }
}

/// How a statement is written.
protocol StatementForm {
  var fileExtension: String { get }
  var mediaType: String { get }
  func head(_ opening: AccountSums, _ closing: AccountSums) -> [UInt8]
  func line(_ line: Payments.StatementLine, at instant: Int64) -> [UInt8]
  func tail() -> [UInt8]
}

extension StatementForm {
  func tail() -> [UInt8] { [] }
}

/// Newline-delimited JSON of StatementLine.
struct StatementJSONLines: StatementForm {
  let fileExtension = "jsonl"
  let mediaType = "application/x-ndjson"

  func head(_ opening: AccountSums, _ closing: AccountSums) -> [UInt8] { [] }

  func line(_ line: Payments.StatementLine, at instant: Int64) -> [UInt8] {
    // Every field of a line has a form in JSON.
    ((try? line.encoded(as: .json)) ?? []) + [UInt8(ascii: "\n")]
  }
}
