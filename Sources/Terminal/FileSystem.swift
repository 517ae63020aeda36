import Foundation
import Glibc
public import SchemaCompiler

/// The files that commands read and write.
public enum FileSystem {
  /// The bytes of a file.
  public static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .usage("cannot read `\(path)`")
    }
    return Array(data)
  }

  /// Whether there is a folder of that name.
  public static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    // The only way to ask; the pointer lives as long as the call.
    let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue
  }

  /// Writes a file with the folders that lead to it; one that has the same content is left alone.
  public static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    if let old = FileManager.default.contents(atPath: path), Array(old) == bytes { return }
    do {
      if let slash = path.lastIndex(of: "/") {
        try FileManager.default.createDirectory(
          atPath: String(path[..<slash]), withIntermediateDirectories: true)
      }
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .usage("cannot write `\(path)`: \(error.localizedDescription)")
    }
  }

  /// The `.proto` files below a folder, as paths relative to it, sorted.
  public static func schemaFiles(below folder: String) throws(CommandFailure) -> [String] {
    guard isFolder(folder) else { throw .usage("there is no folder `\(folder)`") }
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw .usage("cannot read the folder `\(folder)`")
    }
    return paths.filter { $0.hasSuffix(".proto") && !$0.contains("/.") && !$0.hasPrefix(".") }
      .sorted()
  }
}

/// Schema files below a list of folders; the first folder that has a file gives it.
public struct SchemaRoots: SchemaSource {
  let folders: [String]

  /// The files below these folders.
  public init(folders: [String]) { self.folders = folders }

  /// The bytes of the file that imports name `path`.
  public func text(at path: String) -> [UInt8]? {
    guard !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      return nil
    }
    for folder in folders {
      if let data = FileManager.default.contents(atPath: "\(folder)/\(path)") { return Array(data) }
    }
    return nil
  }
}

/// What the program says, and how it ends.
public enum Output {
  /// A line on standard output.
  public static func print(_ text: String) { write(Array("\(text)\n".utf8), to: .standardOutput) }

  /// A line on standard error.
  public static func complain(_ text: String) { write(Array("\(text)\n".utf8), to: .standardError) }

  /// Bytes on standard output.
  public static func write(_ bytes: [UInt8]) { write(bytes, to: .standardOutput) }

  private static func write(_ bytes: [UInt8], to handle: FileHandle) {
    do {
      try handle.write(contentsOf: Data(bytes))
    } catch {
      // A result that did not arrive is no success. Nobody may be left to tell.
      try? FileHandle.standardError.write(
        contentsOf: Data("\(ThisProcess.name): cannot write: \(error.localizedDescription)\n".utf8))
      exit(1)
    }
  }
}

/// This process.
public enum ThisProcess {
  /// What the program was called by, without its folder.
  public static var name: String {
    CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "sarai"
  }

  /// Ends it.
  public static func exit(_ code: ExitCode) -> Never { Glibc.exit(code.rawValue) }
}
