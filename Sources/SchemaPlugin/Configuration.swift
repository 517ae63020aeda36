import Foundation

/// What `schema.json` says about a target.
struct Configuration {
  /// Why a target's schema cannot be generated.
  struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  /// A schema file.
  struct File {
    /// Relative to its root, as imports name it.
    let path: String
    let url: URL
  }

  /// The file itself, if the target has one.
  private(set) var file: URL?
  /// The folders that imports are relative to.
  private(set) var roots: [URL]
  /// Beginnings of the paths that are generated; the others are imported only.
  private var include: [String] = [""]
  /// The modules of imported files, by the beginnings of their paths.
  private(set) var modules: [String: String] = [:]
  /// Paths of files that are built into schemac, to be generated too.
  private(set) var builtin: [String] = []
  /// The name of the enum that holds the schema's descriptors; nil for none.
  private(set) var descriptors: String?

  private struct Content: Decodable {
    var roots: [String]?
    var include: [String]?
    var modules: [String: String]?
    var builtin: [String]?
    var descriptors: String?
  }

  init(ofTargetIn folder: URL) throws {
    roots = [folder]
    let url = folder.appending(path: "schema.json")
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let content: Content
    do {
      content = try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    } catch {
      throw Fault("\(url.path) cannot be read: \(error)")
    }
    file = url
    if let roots = content.roots {
      self.roots = roots.map { folder.appending(path: $0).standardizedFileURL }
    }
    include = content.include ?? [""]
    modules = content.modules ?? [:]
    builtin = content.builtin ?? []
    descriptors = content.descriptors
  }

  /// The files to generate, sorted.
  func files() throws -> [File] { try allFiles().filter(isIncluded) }

  /// The files that can only be imported, sorted.
  func importedFiles() throws -> [File] { try allFiles().filter { !isIncluded($0) } }

  private func isIncluded(_ file: File) -> Bool {
    include.contains { file.path.hasPrefix($0) }
  }

  private func allFiles() throws -> [File] {
    try roots.flatMap { root in
      guard FileManager.default.fileExists(atPath: root.path) else {
        throw Fault("there is no folder \(root.path), which schema.json names as a root")
      }
      return try FileManager.default.subpathsOfDirectory(atPath: root.path)
        .filter { $0.hasSuffix(".proto") && !$0.hasPrefix(".") && !$0.contains("/.") }
        .sorted()
        .map { File(path: $0, url: root.appending(path: $0)) }
    }
  }
}
