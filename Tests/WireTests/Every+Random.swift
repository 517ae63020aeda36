import Wire

// A random value of every message of every.proto, every field of it.

extension Every.Shade {
  static func random(_ random: inout Seeded) -> Self {
    // Half of them are numbers without a name.
    random.bool() ? .dark : Self(rawValue: random.integer())
  }
}

extension Every.Singular {
  static func random(_ random: inout Seeded, depth: Int) -> Self {
    Self(
      last: random.bytes(), boolValue: random.bool(), doubleValue: random.double(),
      floatValue: random.float(), int32Value: random.integer(), int64Value: random.integer(),
      uint32Value: random.integer(), uint64Value: random.integer(),
      sint32Value: random.integer(), sint64Value: random.integer(),
      fixed32Value: random.integer(), fixed64Value: random.integer(),
      sfixed32Value: random.integer(), sfixed64Value: random.integer(),
      stringValue: random.text(), bytesValue: random.bytes(), shade: .random(&random),
      empty: random.maybe { _ in Every.Empty() }, tree: .random(&random, depth: depth),
      boolBeforeLast: random.bool())
  }
}

extension Every.Optional {
  static func random(_ random: inout Seeded, depth: Int) -> Self {
    Self(
      doubleValue: random.maybe { $0.double() }, floatValue: random.maybe { $0.float() },
      int32Value: random.maybe { $0.integer() }, int64Value: random.maybe { $0.integer() },
      uint32Value: random.maybe { $0.integer() }, uint64Value: random.maybe { $0.integer() },
      sint32Value: random.maybe { $0.integer() }, sint64Value: random.maybe { $0.integer() },
      fixed32Value: random.maybe { $0.integer() }, fixed64Value: random.maybe { $0.integer() },
      sfixed32Value: random.maybe { $0.integer() }, sfixed64Value: random.maybe { $0.integer() },
      boolValue: random.maybe { $0.bool() }, stringValue: random.maybe { $0.text() },
      bytesValue: random.maybe { $0.bytes() }, shade: random.maybe { .random(&$0) },
      tree: .random(&random, depth: depth))
  }
}

extension Every.List {
  static func random(_ random: inout Seeded, depth: Int) -> Self {
    Self(
      doubleValues: random.list { $0.double() }, floatValues: random.list { $0.float() },
      int32Values: random.list { $0.integer() }, int64Values: random.list { $0.integer() },
      uint32Values: random.list { $0.integer() }, uint64Values: random.list { $0.integer() },
      sint32Values: random.list { $0.integer() }, sint64Values: random.list { $0.integer() },
      fixed32Values: random.list { $0.integer() }, fixed64Values: random.list { $0.integer() },
      sfixed32Values: random.list { $0.integer() }, sfixed64Values: random.list { $0.integer() },
      boolValues: random.list { $0.bool() }, stringValues: random.list { $0.text() },
      bytesValues: random.list { $0.bytes() }, shades: random.list { .random(&$0) },
      trees: random.list { .random(&$0, depth: depth) }.compactMap { $0 },
      empties: random.list { _ in Every.Empty() }, unpacked: random.list { $0.integer() })
  }
}

extension Every.Choice {
  static func random(_ random: inout Seeded, depth: Int) -> Self {
    let first: First?
    switch Int.random(in: 0..<19, using: &random) {
    case 0: first = .doubleValue(random.double())
    case 1: first = .floatValue(random.float())
    case 2: first = .int32Value(random.integer())
    case 3: first = .int64Value(random.integer())
    case 4: first = .uint32Value(random.integer())
    case 5: first = .uint64Value(random.integer())
    case 6: first = .sint32Value(random.integer())
    case 7: first = .sint64Value(random.integer())
    case 8: first = .fixed32Value(random.integer())
    case 9: first = .fixed64Value(random.integer())
    case 10: first = .sfixed32Value(random.integer())
    case 11: first = .sfixed64Value(random.integer())
    case 12: first = .boolValue(random.bool())
    case 13: first = .stringValue(random.text())
    case 14: first = .bytesValue(random.bytes())
    case 15: first = .shade(.random(&random))
    case 16: first = .tree(.random(&random, depth: depth) ?? Every.Tree())
    case 17: first = .empty(Every.Empty())
    default: first = nil
    }
    let second: Second? = random.maybe { $0.bool() ? .name($0.text()) : .anonymous($0.bool()) }
    return Self(first: first, second: second, between: random.integer())
  }
}

extension Every.Map {
  static func random(_ random: inout Seeded, depth: Int) -> Self {
    Self(
      byInt32: random.map({ $0.integer() }, { $0.double() }),
      byInt64: random.map({ $0.integer() }, { $0.float() }),
      byUint32: random.map({ $0.integer() }, { $0.integer() }),
      byUint64: random.map({ $0.integer() }, { $0.integer() }),
      bySint32: random.map({ $0.integer() }, { $0.integer() }),
      bySint64: random.map({ $0.integer() }, { $0.integer() }),
      byFixed32: random.map({ $0.integer() }, { $0.integer() }),
      byFixed64: random.map({ $0.integer() }, { $0.bool() }),
      bySfixed32: random.map({ $0.integer() }, { $0.text() }),
      bySfixed64: random.map({ $0.integer() }, { $0.bytes() }),
      byBool: random.map({ $0.bool() }, { .random(&$0) }),
      byString: random.map({ $0.text() }, { .random(&$0, depth: depth) ?? Every.Tree() }),
      texts: random.map({ $0.text() }, { $0.text() }),
      empties: random.map({ $0.integer() }, { _ in Every.Empty() }))
  }
}

extension Every.Tree {
  /// Nothing at depth 0, and each level down half as often.
  static func random(_ random: inout Seeded, depth: Int) -> Self? {
    guard depth > 0, random.bool() else { return nil }
    var fruit: Fruit?
    if let graft = Self.random(&random, depth: depth - 1) {
      fruit = random.bool() ? .graft(graft) : .apple(.random(&random, depth: depth - 1))
    }
    return Self(
      name: random.text(), leaf: random.bool(),
      children: random.list { .random(&$0, depth: depth - 1) }.compactMap { $0 },
      named: random.map({ $0.text() }, { .random(&$0, depth: depth - 1) ?? Self() }),
      shown: random.maybe { $0.bool() }, left: .random(&random, depth: depth - 1), fruit: fruit)
  }
}
