import Foundation
import SchemaCompiler
import Wire

/// How a message is held: in the struct that schemac generated, or by a layout made at run time.
/// Both go through one engine by different accesses, so every test of bytes takes both.
enum Holding: CaseIterable, Sendable {
  case generated, dynamic

  /// Reads a message and writes it again.
  func recode(
    _ bytes: [UInt8], of type: String, from source: Encoding, to target: Encoding,
    options: CodingOptions = .default
  ) throws -> [UInt8] {
    switch self {
    case .generated:
      guard let message = Schemas.generated[type] else { throw Schemas.Missing(type: type) }
      return try Self.recode(bytes, of: message, from: source, to: target, options)
    case .dynamic:
      let layout = try Schemas.layout(of: type)
      let message = try DynamicMessage(layout, decoding: bytes, as: source, options: options)
      return try message.encoded(as: target, options: options)
    }
  }

  private static func recode<M: Message>(
    _ bytes: [UInt8], of type: M.Type, from source: Encoding, to target: Encoding,
    _ options: CodingOptions
  ) throws -> [UInt8] {
    try M(decoding: bytes, as: source, options: options).encoded(as: target, options: options)
  }

  /// The fault of bytes that must have one.
  func fault(
    in bytes: [UInt8], of type: String, as encoding: Encoding, options: CodingOptions = .default
  ) throws -> WireError? {
    do {
      _ = try recode(bytes, of: type, from: encoding, to: encoding, options: options)
      return nil
    } catch let error as WireError {
      return error
    }
  }
}

/// The schemas of these tests, compiled at run time too.
enum Schemas {
  struct Missing: Error { let type: String }

  static let generated: [String: any Message.Type] = {
    let types: [any Message.Type] = [
      Every.Singular.self, Every.Optional.self, Every.List.self, Every.Choice.self,
      Every.Map.self, Every.Tree.self, Every.Empty.self, Example.Ball.self, Example.Price.self,
      Sample.Order.self, Sample.Item.self, Sample.Outer.self, Sample.Old.self, Sample.New.self,
      Sample.OldBox.self, Sample.NewBox.self, Sample.Wide.self, Sample.HoldsWide.self,
    ]
    return Dictionary(uniqueKeysWithValues: types.map { ($0.layout.name, $0) })
  }()

  /// Tests/
  static let tests = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let compiled: SchemaLayouts? = {
    let files = [
      "every.proto": "SecondImplementation", "example.proto": "WireTests/Proto",
      "sample.proto": "WireTests/Proto",
    ]
    let texts = files.reduce(into: [String: String]()) { texts, file in
      let url = tests.appending(path: file.value).appending(path: file.key)
      texts[file.key] = try? String(contentsOf: url, encoding: .utf8)
    }
    return Compilation(files.keys.sorted(), from: SchemaTexts(texts)).schema.map(SchemaLayouts.init)
  }()

  static func layout(of type: String) throws -> MessageLayout {
    guard let layout = compiled?[type] else { throw Missing(type: type) }
    return layout
  }

  /// Options by which JSON's `Any` finds these messages.
  static var optionsWithTypes: CodingOptions {
    var options = CodingOptions()
    if let compiled { options.types = compiled.registry }
    return options
  }
}
