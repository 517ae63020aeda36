public import Access
internal import Platform
internal import RPC
public import ServiceKit
internal import Storage
internal import Wire

/// A service that keeps a guest book. It is called `catalog`, since access control knows the names of
/// services.
public enum GuestBook {
  /// What it can be told.
  public struct Options: Sendable {
    /// How long a name may be.
    public var nameLengthMax: Int
    /// Is called by its background job, once a minute.
    public var tick: @Sendable () async throws -> Void

    /// Who signs access tokens.
    public var keys: TokenVerifier.KeySource?

    /// Options.
    public init(
      nameLengthMax: Int = 100, tick: @escaping @Sendable () async throws -> Void = {}
    ) {
      self.nameLengthMax = nameLengthMax
      self.tick = tick
    }
  }

  /// The service.
  public static let definition = ServiceDefinition<Options>(
    name: "catalog", summary: "keeps a guest book", defaultPort: 7102,
    migrations: [
      Migration(1, "what every service has", oldestProgram: 1, sql: Outbox.tables + Lease.table),
      Migration(
        2, "records and limits", oldestProgram: 1,
        sql: RequestRecords.tables + ServiceLimit.table),
      Migration(
        3, "guests", oldestProgram: 1,
        sql: "CREATE TABLE guest (place bigint PRIMARY KEY, name text NOT NULL);"),
    ],
    descriptors: [SampleDescriptors.fileDescriptorSet]
  ) { settings in
    Options(
      nameLengthMax: settings.integer("name-length", 1...1_000, default: 100, "of a guest's name"))
  } start: { environment, options in
    let limit = ServiceLimit(
      "name.length", "characters of a guest's name", default: Int64(options.nameLengthMax),
      1...1_000)
    return RunningService(
      [GuestBookHandler(environment: environment, nameLength: limit)],
      jobs: [.every(.seconds(60), "tick") { try await options.tick() }], limits: [limit],
      keys: options.keys)
  }
}

struct GuestBookHandler: Sample.GuestBook {
  let environment: ServiceEnvironment
  let nameLength: ServiceLimit

  func sign(
    _ request: Sample.SignRequest, _ context: CallContext
  ) async throws -> Sample.SignResponse {
    environment.log.debug("signing", .message("request", request))
    if request.name.count > nameLength.value {
      nameLength.refused()
      var faults = FieldFaults()
      faults.add("name", "TOO_LONG", "\(nameLength.value) characters at most")
      try faults.check()
    }
    let caller = context[Caller.self] ?? .anonymous()
    let (records, outbox) = (environment.records, environment.outbox)
    return try await environment.database.write { session in
      try records.answer(
        request, id: request.id, of: Sample.GuestBookMethods.sign, by: caller, in: session
      ) {
        let last = try session.first("SELECT coalesce(max(place), 0) FROM guest") {
          (row) throws(StorageError) in try row.integer(0)
        }
        let place = (last ?? 0) + 1
        try session.execute(
          "INSERT INTO guest VALUES ($1, $2)", .integer(place), .text(request.name))
        try outbox.add("sample.v1.Signed", of: "guest/\(place)", [], in: session)
        return Sample.SignResponse(place: place)
      }
    }
  }

  func linger(
    _ request: Sample.LingerRequest, _ context: CallContext
  ) async throws -> Sample.LingerResponse {
    let time = environment.time
    await time.sleep(until: time.now() + .milliseconds(request.milliseconds))
    try Task.checkCancellation()
    return Sample.LingerResponse()
  }

  func follow(
    _ request: Sample.FollowRequest, _ responses: ResponseWriter<Sample.SignResponse>,
    _ context: CallContext
  ) async throws {
    var last = request.afterPosition
    while true {
      for event in try await environment.outbox.nextEvents(
        after: last, countMax: 10, check: context.checkGoesOn)
      {
        last = event.position
        try await responses.send(Sample.SignResponse(place: last))
      }
    }
  }
}
