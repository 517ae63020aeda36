/// Every name that the files declare, and how a name is found from inside a scope.
struct SymbolTable {
  /// Full names longer than this are refused.
  static let nameBytesMax = 512

  enum Kind: String {
    case package
    case message
    case enumeration = "enum"
    case enumValue = "enum value"
    case field
    case oneof
    case `extension`
    case service
    case method

    /// Whether a field can have this as its type.
    var isType: Bool { self == .message || self == .enumeration }
    /// Whether names can stand inside.
    var isScope: Bool { isType || self == .package || self == .service }
  }

  struct Symbol {
    var kind: Kind
    var file: Int
    var location: SourceLocation
  }

  /// What looking a name up came to.
  enum Found {
    case symbol(Symbol, fullName: String)
    /// The first part is a name nearer by that has no such name inside.
    case hidden(by: String)
    case nothing
  }

  private(set) var symbols: [String: Symbol] = [:]
  /// The files in which each package, and each of its outer packages, is declared.
  private(set) var packages: [String: Set<Int>] = [:]
  /// The files whose names each file sees.
  var visible: [Set<Int>] = []

  /// Adds a name; gives back what had it already.
  mutating func declare(_ fullName: String, _ symbol: Symbol) -> Symbol? {
    if let old = symbols[fullName] { return old }
    symbols[fullName] = symbol
    return nil
  }

  /// Adds a package with its outer ones; gives back a symbol that has one of their names.
  mutating func declare(package: String, file: Int) -> (name: String, Symbol)? {
    var clash: (String, Symbol)?
    var name = Substring(package)
    while !name.isEmpty {
      packages[String(name), default: []].insert(file)
      if let old = symbols[String(name)] { clash = (String(name), old) }
      name = name.lastIndex(of: ".").map { name[..<$0] } ?? ""
    }
    return clash
  }

  /// Finds `name` as C++ would: the first part in the innermost scope that has it, the rest inside.
  func find(
    _ name: String, from scope: String, file: Int, where isWanted: (Kind) -> Bool
  ) -> Found {
    if name.hasPrefix(".") {
      let fullName = String(name.dropFirst())
      guard let symbol = lookUp(fullName, file) else { return .nothing }
      return .symbol(symbol, fullName: fullName)
    }
    let first = name.prefix { $0 != "." }
    let isCompound = first.count < name.count
    var scope = Substring(scope)
    while true {
      let prefix = scope.isEmpty ? "" : "\(scope)."
      if let symbol = lookUp(prefix + first, file) {
        if isCompound {
          if symbol.kind.isScope {
            let fullName = prefix + name
            if let inner = lookUp(fullName, file) { return .symbol(inner, fullName: fullName) }
            return .hidden(by: prefix + first)
          }
        } else if isWanted(symbol.kind) {
          return .symbol(symbol, fullName: prefix + name)
        }
      }
      if scope.isEmpty { return .nothing }
      scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
    }
  }

  /// A symbol, or a package, that `file` sees.
  private func lookUp(_ fullName: String, _ file: Int) -> Symbol? {
    if let symbol = symbols[fullName], visible[file].contains(symbol.file) { return symbol }
    guard let files = packages[fullName], !files.isDisjoint(with: visible[file]) else {
      return nil
    }
    let place = SourceLocation(file: "", line: 1, column: 1)
    return Symbol(kind: .package, file: file, location: place)
  }
}
