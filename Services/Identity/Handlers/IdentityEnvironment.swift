internal import Access
internal import Platform
internal import Storage

/// What every handler of the service works with.
struct IdentityEnvironment: Sendable {
  let database: Database
  let time: any TimeSource
  let random: any RandomSource

  /// A new identifier.
  func newID() -> UUID { UUID.version7(sinceEpoch: time.sinceEpoch(), random) }
}
