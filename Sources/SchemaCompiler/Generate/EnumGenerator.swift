/// Writes the struct of one enum type, open for numbers without a name.
struct EnumGenerator {
  let enumeration: EnumType
  let scope: SwiftScope

  private var name: String { scope.name(of: enumeration.fullName) }

  func write(to writer: inout SwiftWriter) {
    writer.comment(
      SwiftComment.lines(
        enumeration.source, enumeration.options, otherwise: "`\(enumeration.fullName)`"))
    writer.block("public struct \(name): WireEnum") { writer in
      writer.comment(["The number, which need not have a name."])
      writer.line("public var rawValue: Int32")
      writer.line()
      writer.comment(["The value of a number."])
      writer.block("public init(rawValue: Int32)") { $0.line("self.rawValue = rawValue") }
      writer.line()
      for (name, value) in names {
        writer.comment(
          SwiftComment.lines(
            value.source, value.options, otherwise: "`\(value.name) = \(value.number)`"))
        writer.line("public static var \(name): Self { Self(rawValue: \(value.number)) }")
      }
      writer.line()
      writer.comment(["The names, as the codecs see them."])
      writer.line("public static let layout = EnumLayout(")
      writer.indented { writer in
        writer.line("\"\(enumeration.fullName)\",")
        writer.line("[")
        writer.indented { writer in
          for value in enumeration.values { writer.line("(\"\(value.name)\", \(value.number)),") }
        }
        writer.line("])")
      }
    }
  }

  /// The Swift name of each value; an alias that would be the same is left out.
  private var names: [(name: String, value: EnumValue)] {
    var numbers: [String: Int32] = [:]
    var names = UniqueNames()
    return enumeration.values.compactMap { value in
      let name = SwiftName.enumValue(value.name, of: enumeration.name)
      if numbers[name] == value.number { return nil }
      numbers[name] = value.number
      return (names.take(name, Int(value.number)), value)
    }
  }

  /// The value that an absent field has.
  var zeroReference: String {
    names.first { $0.value.number == 0 }.map { ".\($0.name)" } ?? ".init(rawValue: 0)"
  }
}

/// Tells apart names that Swift's spelling made equal.
struct UniqueNames {
  private var taken: Set<String> = []

  /// `name`, or with its number behind it if that was given away.
  mutating func take(_ name: String, _ number: Int) -> String {
    let bare = name.filter { $0 != "`" }
    let digits = number < 0 ? "minus\(number.magnitude)" : "\(number)"
    var result = name
    while !taken.insert(result).inserted {
      result = result == name ? "\(bare)_\(digits)" : result + "_"
    }
    return result
  }
}
