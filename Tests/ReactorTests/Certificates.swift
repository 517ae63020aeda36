import Foundation
import Reactor

/// Certificates in a temporary folder, made by the `openssl` command.
final class Certificates {
  private struct Failure: Error, CustomStringConvertible { let description: String }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func makeAuthority(_ name: String) throws {
    try openssl(
      ["req", "-x509", "-out", "\(name).pem", "-days", "2"] + newKey(name)
        + ["-subj", "/CN=\(name)"])
  }

  /// Makes a certificate, expired if `days` is negative.
  func make(
    _ name: String, from authority: String, dnsName: String = "localhost", days: Int = 2
  ) throws {
    try openssl(
      ["req", "-new", "-out", "\(name).csr"] + newKey(name) + ["-subj", "/CN=\(name)"])
    try Data("subjectAltName=DNS:\(dnsName)\n".utf8).write(to: folder.appending(path: "names"))
    try openssl([
      "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey",
      "\(authority).key", "-out", "\(name).pem", "-days", "\(days)", "-extfile", "names",
    ])
  }

  func files(_ name: String? = nil, trusting authority: String? = nil) -> TLSFiles {
    TLSFiles(
      certificateChain: name.map { path("\($0).pem") }, privateKey: name.map { path("\($0).key") },
      trustedAuthorities: authority.map { path("\($0).pem") })
  }

  private func newKey(_ name: String) -> [String] {
    [
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key",
    ]
  }

  @discardableResult
  func openssl(_ arguments: [String], mayFail: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = folder
    process.arguments = ["openssl"] + arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard mayFail || process.terminationStatus == 0 else { throw Failure(description: text) }
    return text
  }
}
