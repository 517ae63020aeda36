internal import RPC
public import ServiceKit
internal import Storage
internal import Wire

/// A service that has the guest book signed. It is called `payments`.
public enum Porter {
  /// The service.
  public static let definition = ServiceDefinition<Void>(
    name: "payments", summary: "brings guests to the book", defaultPort: 7103,
    migrations: [
      Migration(
        1, "what every service has", oldestProgram: 1,
        sql: Outbox.tables + Lease.table + RequestRecords.tables)
    ],
    descriptors: [SampleDescriptors.fileDescriptorSet], peers: [.catalog]
  ) { _ in
  } start: { environment, _ in
    RunningService([PorterHandler(book: environment.client(to: .catalog))])
  }
}

struct PorterHandler: Sample.Porter {
  let book: PeerTransport

  func bring(
    _ request: Sample.SignRequest, _ context: CallContext
  ) async throws -> Sample.SignResponse {
    try await Sample.GuestBookClient(book).sign(request, options: CallOptions(within: context))
  }
}
