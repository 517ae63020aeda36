import Foundation
public import Storage
public import Testing

/// Each engine, with a fresh database for each test.
public enum Engine: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case sqlite, postgreSQL

  /// The engine's name.
  public var testDescription: String { rawValue }

  /// Runs `body` with a place for a database that nobody else uses.
  public func withLocation(_ body: (DatabaseLocation) async throws -> Void) async throws {
    let name = "sarai_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
    switch self {
    case .sqlite:
      let folder = FileManager.default.temporaryDirectory.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(at: folder) }
      try await body(.sqlite(path: folder.appending(path: "test.sqlite").path))
    case .postgreSQL:
      let server = try PostgreSQLServer.shared.get()
      try server.psql("CREATE DATABASE \(name)")
      try await body(.postgreSQL(address: server.address(of: name)))
    }
  }

  /// Reads take longer where tests compete for the processor, or a sanitizer watches them.
  private static var patient: DatabaseOptions {
    var options = DatabaseOptions()
    options.readTimeMax = .seconds(30)
    return options
  }

  /// Runs `body` with a database that is stopped afterwards.
  public func withDatabase(
    _ migrations: [Migration] = [], options: DatabaseOptions? = nil,
    _ body: (Database) async throws -> Void
  ) async throws {
    try await withLocation { location in
      let database = try await Database(
        location, migrations: migrations, options: options ?? Self.patient)
      do {
        try await body(database)
      } catch {
        await database.stop()
        throw error
      }
      await database.stop()
    }
  }
}
