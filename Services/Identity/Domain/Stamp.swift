internal import TypeContracts
internal import WellKnownTypes

extension SaraiType.AuditStamp {
  /// The stamp of something new.
  init(created origin: Origin) {
    let now = GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt)
    self.init(
      version: 1, createdAt: now, createdBy: origin.actor, updatedAt: now, updatedBy: origin.actor)
  }

  /// Notes a change.
  mutating func change(by origin: Origin) {
    version += 1
    updatedAt = GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt)
    updatedBy = origin.actor
  }
}

extension Optional where Wrapped == SaraiType.AuditStamp {
  /// Compares with the version that a change was based on; 0 skips the check.
  /// - Throws: `versionMismatch`.
  func check(expected version: Int64) throws(IdentityError) {
    guard version == 0 || version == self?.version else { throw .versionMismatch }
  }
}
