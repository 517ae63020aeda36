extension SchemaComparison {
  mutating func compare(_ before: MessageType, in file: SchemaFile) {
    guard let after = new.message(named: before.fullName) else {
      return report(
        [.native, .protobuf, .json], place(ofGone: before.source.location, in: file),
        "the message `\(before.fullName)` is gone",
        hint: "Keep it, with `option deprecated = true;`.")
    }
    // Where numbers are too high for the native encoding, there is nothing native to break.
    let native: Set<BreakingChange.Contract> = before.hasNativeNumbers ? [.native] : []
    var moved: Set<String> = []
    for field in before.fields {
      if let same = after.field(numbered: field.number) {
        compare(field, of: before, with: same, of: after, native)
      } else if let renumbered = after.field(named: field.name) {
        moved.insert(field.name)
        report(
          native.union([.protobuf]), renumbered.source.location,
          "the number of `\(field.name)` was \(field.number) and is \(renumbered.number)",
          hint: "Give it back its number.")
      } else {
        reportRemoval(of: field, from: after, native)
      }
    }
    compareAdditions(before, after, moved, native)
    compareReservations(before, after)
  }

  private mutating func reportRemoval(
    of field: Field, from after: MessageType, _ native: Set<BreakingChange.Contract>
  ) {
    var contracts = native
    if !after.reservedRanges.contains(where: { $0.contains(field.number) }) {
      contracts.insert(.protobuf)
    }
    if !after.reservedNames.contains(field.name) { contracts.insert(.json) }
    report(
      contracts, after.source.location, "the field `\(field.name) = \(field.number)` is gone",
      hint: native.isEmpty
        ? #"Write `reserved \#(field.number); reserved "\#(field.name)";`."#
        : "Keep it, with `[deprecated = true]`: without it old bytes cannot be read past it.")
  }

  private mutating func compareAdditions(
    _ before: MessageType, _ after: MessageType, _ moved: Set<String>,
    _ native: Set<BreakingChange.Contract>
  ) {
    let highest = before.fields.map(\.number).max() ?? 0
    for field in after.fields
    where before.field(numbered: field.number) == nil && !moved.contains(field.name) {
      let place = field.source.location
      if field.number < highest {
        report(
          native, place,
          "the new field `\(field.name) = \(field.number)` stands below earlier fields",
          hint: "New fields take numbers from \(highest + 1) on.")
      }
      let oneof = field.oneof.map { after.oneofs[$0].name }
      if let oneof, before.oneofs.contains(where: { $0.name == oneof }) {
        report(
          native, place,
          "the oneof `\(oneof)` gains the member `\(field.name)`: an old reader "
            + "could write two members",
          hint: "Add a message field beside the oneof, or a new message.")
      }
      if before.reservedRanges.contains(where: { $0.contains(field.number) }) {
        report(
          [.protobuf], place, "the number \(field.number) of `\(field.name)` was reserved",
          hint: "Choose one that was never used.")
      }
      if before.reservedNames.contains(field.name) {
        report(
          [.json], place, "the name `\(field.name)` was reserved",
          hint: "Choose one that was never used.")
      }
    }
  }

  private mutating func compareReservations(_ before: MessageType, _ after: MessageType) {
    for range in before.reservedRanges {
      let isKept = after.reservedRanges.contains {
        $0.first <= range.first && range.last <= $0.last
      }
      // A single number that a field took is told of at that field.
      let isTaken = range.first == range.last && after.field(numbered: range.first) != nil
      guard !isKept, !isTaken, !after.covers(range) else { continue }
      let numbers =
        range.first == range.last ? "\(range.first)" : "\(range.first) to \(range.last)"
      report(
        [.protobuf], after.source.location, "\(numbers) was reserved and is free",
        hint: "Reserve it again: bytes of old messages may hold it.")
    }
    for name in before.reservedNames
    where !after.reservedNames.contains(name) && after.field(named: name) == nil {
      report(
        [.json], after.source.location, "the name `\(name)` was reserved and is free",
        hint: "Reserve it again: old JSON may hold it.")
    }
  }

  // MARK: Fields

  private mutating func compare(
    _ before: Field, of old: MessageType, with after: Field, of new: MessageType,
    _ native: Set<BreakingChange.Contract>
  ) {
    let place = after.source.location
    let name = after.name
    if before.name != after.name {
      report(
        [.json], place,
        "the field \(after.number) was called `\(before.name)` and is called `\(after.name)`",
        hint: "JSON has names: give the field back its own.")
    } else if before.jsonName != after.jsonName {
      report(
        [.json], place, "`\(name)` was `\(before.jsonName)` in JSON and is `\(after.jsonName)`",
        hint: "Give it back its `json_name`.")
    }
    if before.type != after.type {
      let compatible = TypeCompatibility(before.type, after.type)
      var contracts = native
      if !compatible.inProtobuf { contracts.insert(.protobuf) }
      if !compatible.inJSON { contracts.insert(.json) }
      report(
        contracts, place,
        "the type of `\(name)` was `\(before.type.name)` and is `\(after.type.name)`",
        hint: "Add a field of the new type, and deprecate this one.")
    }
    if before.cardinality != after.cardinality {
      let onlyPresence = before.cardinality.isSingle && after.cardinality.isSingle
      report(
        onlyPresence ? native : native.union([.protobuf, .json]), place,
        "`\(name)` was \(before.cardinality.words) and is \(after.cardinality.words)",
        hint: "Add a field, and deprecate this one.")
    }
    compareOneofs(before, of: old, with: after, of: new, native)
  }

  private mutating func compareOneofs(
    _ before: Field, of old: MessageType, with after: Field, of new: MessageType,
    _ native: Set<BreakingChange.Contract>
  ) {
    let from = before.oneof.map { old.oneofs[$0].name }
    let to = after.oneof.map { new.oneofs[$0].name }
    guard from != to else { return }
    // The name alone is nowhere on the wire: the oneof is the same if its members are.
    if let from = before.oneof, let to = after.oneof,
      Set(old.fields.filter { $0.oneof == from }.map(\.number)).isSubset(
        of: new.fields.filter { $0.oneof == to }.map(\.number))
    {
      return
    }
    // Alone in a new oneof, a field excludes no other.
    let isAlone = from == nil && new.fields.filter { $0.oneof == after.oneof }.count == 1
    report(
      isAlone ? native : native.union([.protobuf, .json]), after.source.location,
      "`\(after.name)` was in \(from.map { "the oneof `\($0)`" } ?? "no oneof") and is in "
        + (to.map { "the oneof `\($0)`" } ?? "none"),
      hint: "Put it back; the rules among fields cannot change.")
  }
}

extension MessageType {
  /// Whether several reservations together hold all of a range.
  fileprivate func covers(_ range: NumberRange) -> Bool {
    var next = range.first
    for piece in reservedRanges.sorted(by: { $0.first < $1.first }) where piece.first <= next {
      next = max(next, piece.last + 1)
    }
    return next > range.last
  }
}

extension Cardinality {
  fileprivate var isSingle: Bool {
    switch self {
    case .singular, .optional, .required: true
    case .repeated, .map: false
    }
  }

  fileprivate var words: String {
    switch self {
    case .singular: "singular"
    case .optional: "optional"
    case .required: "required"
    case .repeated: "repeated"
    case .map(let key): "a map by \(key.rawValue)"
    }
  }
}
