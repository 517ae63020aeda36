/// Holds a schema against the one that was released before it.
///
/// The native encoding has no tags, so its rules are the strictest: what a field is never changes, a
/// new field comes behind all others, and a field once there stays, if only deprecated.
struct SchemaComparison {
  let old: Schema
  let new: Schema
  private(set) var findings: [BreakingChange] = []

  init(old: Schema, new: Schema) {
    self.old = old
    self.new = new
  }

  mutating func report(
    _ contracts: Set<BreakingChange.Contract>, _ location: SourceLocation, _ message: String,
    hint: String? = nil
  ) {
    guard !contracts.isEmpty else { return }
    findings.append(
      BreakingChange(
        contracts: contracts.sorted(), location: location, message: message, hint: hint))
  }

  mutating func compare() {
    for file in old.files where BuiltInFiles.text(at: file.path) == nil {
      if let later = new.file(at: file.path), later.package != file.package {
        report(
          Set(BreakingChange.Contract.allCases),
          later.packageSource?.location ?? later.source.location,
          "the package was `\(file.package)` and is `\(later.package)`: every full name and every "
            + "path of a call changed",
          hint: "Put a new version of the package into a new file, beside the old one.")
        continue
      }
      for message in file.allMessages where !message.isMapEntry { compare(message, in: file) }
      for enumeration in file.allEnums { compare(enumeration, in: file) }
      for service in file.services { compare(service, in: file) }
    }
  }

  /// Where to tell of something that is gone: the file, or the old place if that is gone, too.
  func place(ofGone location: SourceLocation, in file: SchemaFile) -> SourceLocation {
    new.file(at: file.path)?.source.location ?? location
  }

  // MARK: Enums

  private mutating func compare(_ before: EnumType, in file: SchemaFile) {
    guard let after = new.enumeration(named: before.fullName) else {
      return report(
        [.native, .protobuf, .json], place(ofGone: before.source.location, in: file),
        "the enum `\(before.fullName)` is gone",
        hint: "Keep it, with `option deprecated = true;`.")
    }
    var told: Set<Int32> = []
    for value in before.values {
      if let same = after.values.first(where: { $0.name == value.name }) {
        if same.number != value.number {
          report(
            [.native, .protobuf], same.source.location,
            "`\(value.name)` was \(value.number) and is \(same.number)",
            hint: "Give it back its number; a new meaning needs a new value.")
        }
        continue
      }
      guard told.insert(value.number).inserted else { continue }
      if let renamed = after.value(numbered: value.number) {
        report(
          [.json], renamed.source.location,
          "the value \(value.number) was called `\(value.name)` and is called `\(renamed.name)`",
          hint: "JSON has names: keep the old one as an alias with `option allow_alias = true;`.")
        continue
      }
      let isReserved = after.reservedRanges.contains { $0.contains(Int(value.number)) }
      report(
        isReserved ? [.json] : [.native, .protobuf, .json], after.source.location,
        "the value `\(value.name) = \(value.number)` is gone",
        hint: "Keep it, with `[deprecated = true]`.")
    }
  }

  // MARK: Services

  private mutating func compare(_ before: Service, in file: SchemaFile) {
    guard let after = new.service(named: before.fullName) else {
      return report(
        [.rpc], place(ofGone: before.source.location, in: file),
        "the service `\(before.fullName)` is gone",
        hint: "Keep it, with `option deprecated = true;`.")
    }
    for method in before.methods {
      guard let same = after.methods.first(where: { $0.name == method.name }) else {
        report(
          [.rpc], after.source.location, "the method `\(method.name)` is gone",
          hint: "Keep it, with `option deprecated = true;`.")
        continue
      }
      compare(method, with: same)
    }
  }

  private mutating func compare(_ before: Method, with after: Method) {
    let place = after.source.location
    if before.input != after.input {
      report(
        [.rpc], place, "`\(before.name)` took `\(before.input)` and takes `\(after.input)`",
        hint: "Add a method for the new type.")
    }
    if before.output != after.output {
      report(
        [.rpc], place, "`\(before.name)` returned `\(before.output)` and returns `\(after.output)`",
        hint: "Add a method for the new type.")
    }
    if before.clientStreams != after.clientStreams || before.serverStreams != after.serverStreams {
      report(
        [.rpc], place, "`\(before.name)` was \(before.kindName) and is \(after.kindName)",
        hint: "Add a method of the new kind.")
    }
    let wasRead = before.options.enumValue("idempotency_level") == "NO_SIDE_EFFECTS"
    if wasRead, after.options.enumValue("idempotency_level") != "NO_SIDE_EFFECTS" {
      report(
        [.rpc], place, "`\(before.name)` had no side effects, so that clients repeat it",
        hint: "Add a method for what changes something.")
    }
    if let route = before.restRoute, route != after.restRoute {
      report(
        [.json], place, "the REST route of `\(before.name)` changed",
        hint: "Add a method with the new route.")
    }
  }
}

extension Method {
  fileprivate var kindName: String {
    switch (clientStreams, serverStreams) {
    case (false, false): "unary"
    case (true, false): "client streaming"
    case (false, true): "server streaming"
    case (true, true): "bidirectional"
    }
  }

  /// What Sarai's `http` option says.
  fileprivate var restRoute: [OptionValue]? {
    let values = options.fields.filter {
      $0.name.hasPrefix("(sarai.") && $0.name.hasSuffix(".http)")
    }
    return values.isEmpty ? nil : values.map(\.value)
  }
}
