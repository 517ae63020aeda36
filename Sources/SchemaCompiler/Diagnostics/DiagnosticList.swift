/// Collects what the passes of one compilation find, up to a limit.
struct DiagnosticList {
  /// More than a person reads; past it the compiler stops looking.
  static let countMax = 100

  private(set) var all: [Diagnostic] = []
  private(set) var hasErrors = false
  /// Where what is written is wrong already: that explains what is found wrong with its meaning.
  private var places: Set<SourceLocation> = []
  /// Whether faults are those of what is written.
  var isParsing = true

  /// Whether the limit is reached: passes stop at the next opportunity.
  var isFull: Bool { all.count >= Self.countMax }

  mutating func error(_ location: SourceLocation, _ message: String, hint: String? = nil) {
    add(Diagnostic(.error, at: location, message, hint: hint))
  }

  mutating func warning(_ location: SourceLocation, _ message: String, hint: String? = nil) {
    add(Diagnostic(.warning, at: location, message, hint: hint))
  }

  private mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error {
      hasErrors = true
      if isParsing {
        guard places.insert(diagnostic.location).inserted else { return }
      } else if places.contains(diagnostic.location) {
        return
      }
    }
    if !isFull { all.append(diagnostic) }
  }
}
