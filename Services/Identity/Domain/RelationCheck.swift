/// Where the written facts are read from.
protocol RelationSource {
  /// Whether a fact was written.
  func has(_ fact: RelationFact) throws -> Bool
  /// The single subjects that were written into a relation, by kind and id.
  func objects(in userset: Userset, countMax: Int) throws -> [RelationObject]
  /// The sets that were written into a relation.
  func usersets(in userset: Userset, countMax: Int) throws -> [Userset]
  /// The relations that a subject was written into; with `relation` only those of that name.
  func relations(
    of subject: RelationSubject, named relation: String?, countMax: Int
  ) throws
    -> [Userset]
}

/// How much of the graph one question may open, so that no question and no data can hold up others.
struct RelationBudget: Sendable {
  /// How many relations and written facts may still be looked at.
  private(set) var left: Int
  /// How many steps a chain of relations may have.
  static let depthMax = 32
  /// How much one question may open.
  static let whole = 10_000

  init(_ left: Int = whole) { self.left = left }

  /// - Throws: `relationTooWide`.
  mutating func spend(_ count: Int = 1) throws(IdentityError) {
    left -= count
    if left < 0 { throw .relationTooWide }
  }
}

/// Answers whether subjects stand in relations, from one state of the facts.
///
/// A question goes depth first. One that is met again below itself adds nothing there and counts as
/// "no" at that place; such a "no" is not remembered for other places, where it may be a "yes".
struct RelationCheck<Source: RelationSource> {
  private let schema: RelationSchema
  private let source: Source
  private var budget: RelationBudget
  private let subject: RelationSubject
  private var known: [Userset: Bool] = [:]
  private var open: [Userset: Int] = [:]

  init(
    of subject: RelationSubject, _ schema: RelationSchema, _ source: Source,
    budget: RelationBudget = RelationBudget()
  ) {
    self.subject = subject
    self.schema = schema
    self.source = source
    self.budget = budget
  }

  /// A finding; when it is "no", the outermost open question on whose being "no" it rests.
  private struct Finding {
    var isIn: Bool
    var restsOn: Int = .max
    static var yes: Finding { Finding(isIn: true) }
    static var no: Finding { Finding(isIn: false) }
  }

  /// Whether the subject stands in a relation.
  mutating func holds(_ userset: Userset) throws -> Bool { try finding(userset).isIn }

  private mutating func finding(_ userset: Userset) throws -> Finding {
    if let isIn = known[userset] { return Finding(isIn: isIn) }
    if let depth = open[userset] { return Finding(isIn: false, restsOn: depth) }
    guard let relation = schema[userset.object.kind, userset.relation] else { return .no }
    guard open.count < RelationBudget.depthMax else { throw IdentityError.relationTooWide }
    try budget.spend()
    let depth = open.count
    open[userset] = depth
    defer { open[userset] = nil }
    var found = try finding(relation.rule, userset)
    if found.isIn || found.restsOn >= depth {
      found.restsOn = .max
      known[userset] = found.isIn
    }
    return found
  }

  private mutating func finding(
    _ rule: RelationSchema.Rule, _ userset: Userset
  ) throws -> Finding {
    switch rule {
    case .written: return try written(userset)
    case .also(let relation): return try finding(Userset(userset.object, relation))
    case .through(let parent, let relation):
      var result = Finding.no
      let parents = try source.objects(
        in: Userset(userset.object, parent), countMax: budget.left + 1)
      try budget.spend(parents.count)
      for object in parents where object.id != "*" {
        let found = try finding(Userset(object, relation))
        if found.isIn { return found }
        result.restsOn = min(result.restsOn, found.restsOn)
      }
      return result
    case .any(let rules):
      var result = Finding.no
      for rule in rules {
        let found = try finding(rule, userset)
        if found.isIn { return found }
        result.restsOn = min(result.restsOn, found.restsOn)
      }
      return result
    case .all(let rules):
      for rule in rules {
        let found = try finding(rule, userset)
        if !found.isIn { return found }
      }
      return .yes
    case .except(let rule, let taken):
      let found = try finding(rule, userset)
      // The schema keeps what is taken away from resting on any open question.
      return try found.isIn && finding(taken, userset).isIn ? .no : found
    }
  }

  private mutating func written(_ userset: Userset) throws -> Finding {
    if try source.has(RelationFact(userset, subject)) { return .yes }
    if case .direct(let object) = subject,
      try source.has(RelationFact(userset, .direct(object.wildcard)))
    {
      return .yes
    }
    var result = Finding.no
    let usersets = try source.usersets(in: userset, countMax: budget.left + 1)
    try budget.spend(usersets.count)
    for inner in usersets {
      // Asked for a set itself, it is in where it was written.
      let found = try finding(inner)
      if found.isIn { return found }
      result.restsOn = min(result.restsOn, found.restsOn)
    }
    return result
  }
}
