extension Resolver {
  // MARK: Messages

  /// The rules on the names and numbers of one message.
  mutating func check(_ message: MessageSyntax, _ fullName: String) {
    if isProto3, let range = message.extensionRanges.first {
      report(
        range.span, "extension numbers in proto3",
        hint: "Use `google.protobuf.Any` or a oneof for what others may add.")
    }
    checkNumbers(of: message)
    checkJSONNames(of: message)
    checkReserved(
      message.reservedRanges, message.reservedNames, lowest: 1, what: "field")
    let ranges = SortedRanges(message.reservedRanges)
    let names = Set(message.reservedNames.map(\.text))
    let extensions = SortedRanges(message.extensionRanges)
    for field in message.fields {
      if ranges.contains(field.number.value) {
        report(
          field.number.span, "the number \(field.number.value) is reserved",
          hint: nextNumberHint(message))
      }
      if names.contains(field.name.text) {
        report(
          field.name.span, "the name `\(field.name.text)` is reserved",
          hint: "It belonged to a field that is gone; choose another.")
      }
      if extensions.contains(field.number.value) {
        report(field.number.span, "the number \(field.number.value) is kept for extensions")
      }
    }
    var members = Set<Int>()
    for field in message.fields { if let oneof = field.oneof { members.insert(oneof) } }
    for (index, oneof) in message.oneofs.enumerated() where !members.contains(index) {
      report(oneof.name.span, "the oneof `\(oneof.name.text)` has no members")
    }
  }

  private mutating func checkNumbers(of message: MessageSyntax) {
    var first: [Int64: FieldSyntax] = [:]
    for field in message.fields {
      if let other = first[field.number.value] {
        report(
          field.number.span,
          "the number \(field.number.value) is already that of `\(other.name.text)` "
            + "(line \(other.number.span.start.line))",
          hint: nextNumberHint(message))
      } else {
        first[field.number.value] = field
      }
    }
  }

  private func nextNumberHint(_ message: MessageSyntax) -> String? {
    let used = message.fields.map(\.number.value) + message.reservedRanges.map(\.last)
    guard let last = used.max(), last < FieldNumber.max else { return nil }
    let implementation = FieldNumber.implementationReserved
    let next = implementation.contains(Int(last + 1)) ? Int64(implementation.upperBound) : last
    return "The next free number is \(next + 1)."
  }

  /// Names that JSON could not tell apart: its parsers take the name as written as well as in camel
  /// case, and some of them do not look at case and underscores.
  private mutating func checkJSONNames(of message: MessageSyntax) {
    guard isProto3 else { return }
    var plain: [String: FieldSyntax] = [:]
    var given: [String: FieldSyntax] = [:]
    for field in message.fields {
      let bare = field.name.text.filter { $0 != "_" }.lowercased()
      let name = explicitJSONName(of: field) ?? Naming.jsonName(of: field.name.text)
      let other = plain.updateValue(field, forKey: bare) ?? given[name]
      if given[name] == nil { given[name] = field }
      guard let other, other.name.text != field.name.text else { continue }
      report(
        field.name.span, "`\(field.name.text)` and `\(other.name.text)` are the same name in JSON",
        hint: "Rename one of them.")
    }
  }

  private func explicitJSONName(of field: FieldSyntax) -> String? {
    if let name = field.jsonName { return name }
    guard
      let option = field.options.written.first(where: { $0.isPlain("json_name") }),
      case .string(let bytes) = option.value.form
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Fields

  mutating func checkNumber(_ field: FieldSyntax) {
    let number = field.number.value
    if number < 1 {
      report(field.number.span, "a field number must be at least 1")
    } else if number > FieldNumber.max {
      report(field.number.span, "a field number must be at most \(FieldNumber.max)")
    } else if FieldNumber.implementationReserved.contains(Int(number)) {
      report(
        field.number.span, "the numbers 19000 to 19999 belong to protobuf itself")
    } else if isSarai, field.extendee == nil, number > FieldNumber.nativeMax {
      report(
        field.number.span,
        "the field number \(number) is above \(FieldNumber.nativeMax), which the native encoding "
          + "has no presence bit for",
        hint: "Messages of sarai packages use 1 to \(FieldNumber.nativeMax); "
          + "put further fields into a message of their own.")
    }
  }

  mutating func checkLabel(_ field: FieldSyntax) {
    if isProto3, field.label == .required, let span = field.labelSpan {
      report(
        span, "`required` in proto3",
        hint: "Leave it out, and let the service refuse requests without the field.")
    }
    var isMap = false
    if case .map = field.type { isMap = true }
    if !isProto3, field.label == nil, !isMap, field.oneof == nil {
      report(
        field.info.span, "a field of proto2 without a label",
        hint: #"Begin it with `optional`, or the file with `syntax = "proto3";`."#)
    }
    if isProto3, let option = field.options.written.first(where: { $0.isPlain("default") }) {
      report(
        option.parts[0].name.span, "`default` in proto3",
        hint: "The default is zero, false, empty or the first enum value.")
    }
  }

  // MARK: Enums

  mutating func check(_ syntax: EnumSyntax) {
    guard let zero = syntax.values.first else {
      return report(syntax.name.span, "the enum `\(syntax.name.text)` has no values")
    }
    if isProto3, zero.number.value != 0 {
      report(
        zero.number.span, "the first value of an enum must be 0",
        hint: "Begin with `\(Self.prefix(of: syntax))UNSPECIFIED = 0;`.")
    }
    checkAliases(of: syntax)
    checkStrippedNames(of: syntax)
    checkReserved(
      syntax.reservedRanges, syntax.reservedNames, lowest: Int64(Int32.min), what: "value")
    let ranges = SortedRanges(syntax.reservedRanges)
    let names = Set(syntax.reservedNames.map(\.text))
    for value in syntax.values {
      if ranges.contains(value.number.value) {
        report(value.number.span, "the number \(value.number.value) is reserved")
      }
      if names.contains(value.name.text) {
        report(value.name.span, "the name `\(value.name.text)` is reserved")
      }
    }
  }

  private static func prefix(of syntax: EnumSyntax) -> String {
    var prefix = ""
    for character in syntax.name.text {
      if character.isUppercase, !prefix.isEmpty { prefix += "_" }
      prefix += character.uppercased()
    }
    return prefix + "_"
  }

  private mutating func checkAliases(of syntax: EnumSyntax) {
    let allowed = syntax.options.written.first { $0.isPlain("allow_alias") }
    var allows = syntax.options.encoded.map { DescriptorReader.allowsAliases(in: $0) } ?? false
    if case .identifier("true") = allowed?.value.form { allows = true }
    var first: [Int64: EnumValueSyntax] = [:]
    var hasAlias = false
    for value in syntax.values {
      guard let other = first[value.number.value] else {
        first[value.number.value] = value
        continue
      }
      hasAlias = true
      if !allows {
        report(
          value.number.span,
          "the number \(value.number.value) is already that of `\(other.name.text)`",
          hint: "Give it another, or write `option allow_alias = true;` into the enum.")
      }
    }
    if let allowed, allows, !hasAlias {
      report(
        allowed.parts[0].name.span, "`allow_alias` in an enum without aliases",
        hint: "Remove the option.")
    }
  }

  /// Values whose names differ only in case, underscores or the enum's name cannot be told apart in
  /// languages that leave these out.
  private mutating func checkStrippedNames(of syntax: EnumSyntax) {
    guard isProto3 else { return }
    var first: [String: EnumValueSyntax] = [:]
    for value in syntax.values {
      let name = SwiftName.strippedEnumValue(value.name.text, of: syntax.name.text)
        .filter { $0 != "_" }.lowercased()
      if let other = first[name] {
        if other.number.value != value.number.value, other.name.text != value.name.text {
          report(
            value.name.span,
            "`\(value.name.text)` and `\(other.name.text)` are the same name without case, "
              + "underscores and the enum's name",
            hint: "Rename one of them.")
        }
      } else {
        first[name] = value
      }
    }
  }

  // MARK: Reserved numbers and names

  private mutating func checkReserved(
    _ ranges: [RangeSyntax], _ names: [Name], lowest: Int64, what: String
  ) {
    for range in ranges {
      if range.first < lowest {
        report(range.span, "a \(what) number must be at least \(lowest)")
      } else if range.last < range.first {
        report(range.span, "a range that ends before it begins")
      } else if lowest == 1, range.last > FieldNumber.max {
        report(range.span, "a field number must be at most \(FieldNumber.max)")
      }
    }
    let sorted = ranges.filter { $0.first <= $0.last }.sorted { $0.first < $1.first }
    for (earlier, later) in zip(sorted, sorted.dropFirst()) where later.first <= earlier.last {
      report(later.span, "the numbers from \(later.first) on are reserved twice")
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name.text).inserted {
      report(name.span, "the name `\(name.text)` is reserved twice")
    }
  }
}

/// Ranges that can be searched without looking at each.
private struct SortedRanges {
  private let ranges: [RangeSyntax]

  init(_ ranges: [RangeSyntax]) {
    self.ranges = ranges.sorted { $0.first < $1.first }
  }

  func contains(_ number: Int64) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].first <= number { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ranges[low - 1].last >= number
  }
}
