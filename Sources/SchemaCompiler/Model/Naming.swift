/// The names that protobuf derives from a declaration's name.
enum Naming {
  /// `list_price` becomes `listPrice`: what JSON calls a field.
  static func jsonName(of field: String) -> String {
    camelCase(field, capitalizeFirst: false)
  }

  /// `list_prices` becomes `ListPricesEntry`: the message that holds a map's entries.
  static func mapEntryName(of field: String) -> String {
    camelCase(field, capitalizeFirst: true) + "Entry"
  }

  /// The letters after an underscore capitalised, underscores left out.
  static func camelCase(_ name: String, capitalizeFirst: Bool) -> String {
    var result = ""
    var capitalizes = capitalizeFirst
    for character in name {
      if character == "_" {
        capitalizes = true
      } else {
        result += capitalizes ? character.uppercased() : String(character)
        capitalizes = false
      }
    }
    return result
  }
}
