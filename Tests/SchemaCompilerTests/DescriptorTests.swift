import Testing

@testable import SchemaCompiler

@Suite struct DescriptorTests {
  /// Every construct whose descriptor is not obvious.
  private static let constructs = Samples.constructs

  private func schema(_ files: [String: String], _ names: [String]) throws -> Schema {
    let compilation = Compilation(names, from: SchemaTexts(files))
    #expect(!compilation.diagnostics.contains { $0.severity == .error })
    return try #require(compilation.schema, "\(compilation.diagnostics)")
  }

  @Test(.enabled(if: Protoc.isInstalled), arguments: BuiltInFiles.paths)
  func `a built-in file says what protobuf's own says`(_ path: String) throws {
    let expected = try #require(try Protoc.descriptors(of: [:], named: [path]))
    #expect(try schema([:], [path]).descriptorSet(withSourceInfo: false) == expected)
  }

  @Test(.enabled(if: Protoc.isInstalled), arguments: constructs.keys.sorted())
  func `descriptors equal protoc's byte for byte`(_ path: String) throws {
    let expected = try #require(try Protoc.descriptors(of: Self.constructs, named: [path]))
    let found = try schema(Self.constructs, [path]).descriptorSet(withSourceInfo: false)
    #expect(found == expected)
  }

  @Test(.enabled(if: Protoc.isInstalled), arguments: constructs.keys.sorted())
  func `declarations have the places and comments that protoc gives them`(_ path: String) throws {
    let bytes = try #require(
      try Protoc.descriptors(of: Self.constructs, named: [path], withSourceInfo: true))
    let expected = try #require(Compilation(descriptorSet: bytes).schema).file(at: path)
    let found = try schema(Self.constructs, [path]).file(at: path)
    #expect(declarations(found).count > 1)
    #expect(declarations(found) == declarations(expected))
  }

  /// What can be told of a file's declarations, by their names.
  private func declarations(_ file: SchemaFile?) -> [String: SourceInfo] {
    guard let file else { return [:] }
    var result = ["": file.source]
    if let source = file.syntaxSource { result["syntax"] = source }
    if let source = file.packageSource { result["package"] = source }
    for message in file.allMessages where !message.isMapEntry {
      result[message.fullName] = message.source
      for field in message.fields { result[field.fullName] = field.source }
      for oneof in message.oneofs { result["\(message.fullName).\(oneof.name)"] = oneof.source }
    }
    for enumeration in file.allEnums {
      result[enumeration.fullName] = enumeration.source
      for value in enumeration.values {
        result["\(enumeration.fullName).\(value.name)"] = value.source
      }
    }
    for service in file.services {
      result[service.fullName] = service.source
      for method in service.methods { result[method.fullName] = method.source }
    }
    return result
  }

  @Test(arguments: constructs.keys.sorted(), [true, false])
  func `a descriptor set read back gives the same descriptors`(
    _ path: String, _ withSourceInfo: Bool
  ) throws {
    let bytes = try schema(Self.constructs, [path]).descriptorSet(withSourceInfo: withSourceInfo)
    let compilation = Compilation(descriptorSet: bytes)
    let schema = try #require(compilation.schema, "\(compilation.diagnostics)")
    #expect(schema.descriptorSet(withSourceInfo: withSourceInfo) == bytes)
  }

  @Test func `a descriptor set without what it imports is refused with the place`() throws {
    let whole = try schema(Self.constructs, ["uses.proto"])
    let file = try #require(whole.file(at: "uses.proto"))
    var writer = ProtobufWriter()
    writer.field(1, bytes: whole.descriptor(of: file))
    let compilation = Compilation(descriptorSet: writer.bytes)
    #expect(compilation.schema == nil)
    #expect(
      compilation.diagnostics.contains {
        $0.message == "the imported file `options.proto` is not in the set"
      })
  }

  @Test func `options keep what they mean`() throws {
    let schema = try schema(Self.constructs, ["uses.proto"])
    let method = try #require(schema.service(named: "sample.inner.S")?.methods[1])
    #expect(method.options["(sample.tags)"] == [.string("a"), .string("b")])
    let field = try #require(schema.message(named: "sample.inner.M")?.field(named: "d"))
    #expect(field.options.bool("deprecated"))
    #expect(field.options.enumValue("(sample.colour)") == "COLOUR_LOW")
  }
}
