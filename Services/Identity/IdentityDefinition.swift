internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
public import ServiceKit
internal import Storage

/// The settings that identity alone has.
public struct IdentityOptions: Sendable {
  /// How many passwords are hashed at once; each takes 128 MiB.
  var hashThreadCount = 2
  /// How many may wait to be hashed.
  var hashWaitingMax = 32
  /// What a new hash costs.
  var hashCost = Scrypt.Cost.owasp

  init() {}

  init(_ settings: inout Settings) {
    hashThreadCount = settings.integer(
      "hash-threads", 1...16, default: 2, "passwords hashed at once, 128 MiB each")
    hashWaitingMax = settings.integer(
      "hash-waiting", 1...1_024, default: 32, "passwords that may wait to be hashed")
  }
}

extension ServiceDefinition where Options == IdentityOptions {
  /// Who people and companies are, and what they may do.
  ///
  /// - Parameter announce: tells whoever started the service what they alone may know: the token of
  ///   the first administrator, and a demo's sign-ins.
  public static func identity(
    announce: @escaping @Sendable (String) -> Void
  ) -> ServiceDefinition {
    ServiceDefinition(
      name: "identity", summary: "who people and companies are, and what they may do",
      defaultPort: 7_001, migrations: IdentityMigrations.all,
      descriptors: [IdentityDescriptors.fileDescriptorSet], settings: { IdentityOptions(&$0) }
    ) { environment, options in
      let identity = try await IdentityEnvironment(environment, options)
      try await identity.announceFirstSteps(announce)
      return identity.running(environment)
    }
  }
}

extension IdentityEnvironment {
  init(_ environment: ServiceEnvironment, _ options: IdentityOptions) async throws {
    try await self.init(
      database: environment.database, time: environment.time, random: environment.random,
      secrets: environment.secrets,
      passwords: PasswordHasher(
        cost: options.hashCost, threadCount: options.hashThreadCount,
        waitingMax: options.hashWaitingMax, random: environment.random),
      blobs: environment.blobs, realm: environment.realm, verifier: environment.verifier,
      isDemo: environment.isDemo)
  }

  /// What a new database, or a demo, needs to begin with.
  func announceFirstSteps(_ announce: @Sendable (String) -> Void) async throws {
    if isDemo {
      try await DemoPeople.prepare(self)
      for line in DemoPeople.signIns { announce(line) }
      return
    }
    let token = try await database.write { session in
      try FirstAdministrator.prepare(vault, random, session)
    }
    if let token {
      announce(
        "no administrator yet: register, then call AccountService/ClaimFirstAdministrator with the"
          + " token \(token)")
    }
  }

  func running(_ environment: ServiceEnvironment) -> RunningService {
    let accounts = AccountHandler(environment: self)
    let sessions = SessionHandler(environment: self)
    return RunningService(
      IdentityServices.all(self),
      jobs: [
        .every(.seconds(60), "erasures") { try await accounts.eraseDue() },
        .every(.seconds(600), "sweep") { try await sweep() },
        .always("revocations", isLeased: false) { try await sessions.followRevocations() },
      ],
      integrity: { progress in try await auditFaults(progress) },
      resealSecrets: { try await Resealing(vault: vault, database: database).run() },
      keys: Self.keySource(database, time), stop: { passwords.stop() })
  }

  /// Forgets what need not be kept.
  private func sweep() async throws {
    let now = time.sinceEpoch()
    try await database.write { session in
      try SealedRecords.sweep(at: now, session)
      try ContactCodeStore.sweep(at: now, session)
      try Mailbox.sweep(at: now, session)
      try LockoutStore.sweep(at: now, session)
      try RevocationStore.sweep(at: now, session)
      try SessionStore.sweep(at: now, session)
      try ApiKeyStore.sweep(at: now, session)
    }
    while try await feed.trim(at: now) {}
    try await blobs.collect { [database] names in
      try await database.read { session in try CaseStore.known(names, session) }
    }
  }

  /// What is broken in the chain of the audit log.
  private func auditFaults(_ progress: IntegrityProgress) async throws -> [String] {
    let head = try await database.read { session in try AuditLog.head(session) }
    var chain = AuditChain()
    while chain.sequence < head.sequence {
      let entries = try await database.read { [chain] session in
        try AuditLog.entries(after: chain.sequence, countMax: 500, session)
      }
      for stored in entries {
        guard let entry = stored.entry, chain.follow(entry) else {
          return ["the audit log does not fit at entry \(chain.sequence + 1)"]
        }
        if chain.sequence == head.sequence { break }
      }
      if entries.isEmpty { return ["the audit log ends at entry \(chain.sequence)"] }
      try await progress(chain.sequence, head.sequence)
    }
    return chain == head ? [] : ["the audit log's head is not its last entry"]
  }
}
