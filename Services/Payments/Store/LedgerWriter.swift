import Platform
import Storage
import TypeContracts

/// Many callers' transfers in one durable commit.
struct LedgerWriter: Sendable {
  private let few: GroupedWrite<LedgerStore.Batch, [LedgerResult]>
  private let many: GroupedWrite<LedgerStore.Batch, [LedgerResult]>

  /// Batches of at most so many transfers share a commit with many others; larger ones with few, so
  /// that no transaction lasts long.
  private static let fewMax = 32

  init(_ database: Database, _ ledger: LedgerStore, time: any TimeSource) {
    let body = { @Sendable (batches: [LedgerStore.Batch], session: any SQLSession) throws in
      try ledger.book(batches, at: time.sinceEpoch(), in: session).map {
        Result<[LedgerResult], any Error>.success($0)
      }
    }
    few = GroupedWrite(database, groupMax: 256, body: body)
    many = GroupedWrite(database, groupMax: 2, body: body)
  }

  /// Books a batch; returns once that is durable.
  func book(
    _ transfers: [NewTransfer], by actor: SaraiType.Actor
  ) async throws -> [LedgerResult] {
    let batch = LedgerStore.Batch(transfers: transfers, actor: actor)
    return try await transfers.count <= Self.fewMax ? few.run(batch) : many.run(batch)
  }
}
