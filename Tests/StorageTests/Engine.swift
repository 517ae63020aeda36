import Foundation
import Platform
import Storage
import Testing

/// Each engine, with a fresh database for each test.
enum Engine: String, CaseIterable, CustomTestStringConvertible {
  case sqlite, postgreSQL

  var testDescription: String { rawValue }

  /// Runs `body` with a place for a database that nobody else uses.
  func withLocation(_ body: (DatabaseLocation) async throws -> Void) async throws {
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

  func withDatabase(
    _ migrations: [Migration] = [], options: DatabaseOptions = DatabaseOptions(),
    _ body: (Database) async throws -> Void
  ) async throws {
    try await withLocation { location in
      let database = try await Database(location, migrations: migrations, options: options)
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
