internal import Platform
internal import Storage

extension SessionStore {
  /// Ends a person's open sessions that act for an organisation, and has their tokens refused.
  ///
  /// - Returns: those that were open.
  static func endAll(
    of person: UUID, actingFor organisation: UUID, at now: Duration, newID: () -> UUID,
    _ session: any SQLSession
  ) throws(StorageError) -> [UUID] {
    let ended = try session.all(
      """
      UPDATE session SET ended_at = $1
      WHERE person_id = $2 AND organisation_id = $3 AND ended_at IS NULL RETURNING id
      """, .instant(now), .id(person), .id(organisation)
    ) { (row) throws(StorageError) in try row.id(0) }
    for id in ended.sorted() {
      try RevocationStore.add(.session, id, at: now, id: newID(), session)
    }
    return ended
  }
}
