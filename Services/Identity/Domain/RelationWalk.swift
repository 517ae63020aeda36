internal import IdentityContracts

/// Lists what the relation graph holds: who stands in a relation, where a subject stands, and how.
struct RelationWalk<Source: RelationSource> {
  private let schema: RelationSchema
  private let source: Source
  private var budget: RelationBudget

  init(
    _ schema: RelationSchema, _ source: Source, budget: RelationBudget = RelationBudget()
  ) {
    self.schema = schema
    self.source = source
    self.budget = budget
  }

  // MARK: Who stands in a relation

  /// The single subjects that stand in a relation, however far, by kind and id; of one kind, if that
  /// is given.
  mutating func subjects(of userset: Userset, kind: String) throws -> [RelationObject] {
    var found: Set<RelationObject> = []
    var seen: Set<Userset> = [userset]
    var waiting = [userset]
    var isExact = true
    while let next = waiting.popLast() {
      guard let relation = schema[next.object.kind, next.relation] else { continue }
      try budget.spend()
      isExact = isExact && relation.rule.onlyAdds
      for part in relation.rule.parts {
        for inner in try usersets(part, next) where seen.insert(inner).inserted {
          waiting.append(inner)
        }
        if part == .written {
          let objects = try source.objects(in: next, countMax: budget.left + 1)
          try budget.spend(objects.count)
          found.formUnion(objects.filter { kind.isEmpty || $0.kind == kind })
        }
      }
    }
    let sorted = found.sorted()
    return isExact
      ? sorted : try sorted.filter { try holds(.direct($0), userset) }
  }

  /// The relations from which who stands in `userset` by a part of its rule comes.
  private mutating func usersets(
    _ part: RelationSchema.Rule, _ userset: Userset
  ) throws -> [Userset] {
    switch part {
    case .written:
      let usersets = try source.usersets(in: userset, countMax: budget.left + 1)
      try budget.spend(usersets.count)
      return usersets
    case .also(let relation): return [Userset(userset.object, relation)]
    case .through(let parent, let relation):
      let parents = try source.objects(
        in: Userset(userset.object, parent), countMax: budget.left + 1)
      try budget.spend(parents.count)
      return parents.filter { $0.id != "*" }.map { Userset($0, relation) }
    case .any, .all, .except: return []
    }
  }

  private mutating func holds(_ subject: RelationSubject, _ userset: Userset) throws -> Bool {
    try budget.spend()
    var check = RelationCheck(of: subject, schema, source, budget: RelationBudget(budget.left))
    return try check.holds(userset)
  }

  // MARK: Where a subject stands

  /// The objects of a kind to which a subject stands in a relation, by id.
  mutating func objects(
    of subject: RelationObject, _ relation: String, kind: String
  ) throws -> [RelationObject] {
    var reached: Set<Userset> = []
    var waiting: [Userset] = []
    func reach(_ usersets: [Userset]) {
      for userset in usersets where reached.insert(userset).inserted { waiting.append(userset) }
    }
    reach(try written(.direct(subject)))
    reach(try written(.direct(subject.wildcard)))
    while let next = waiting.popLast() {
      let name = RelationSchema.Name(kind: next.object.kind, relation: next.relation)
      reach(schema.relations(naming: name).map { Userset(next.object, $0) })
      reach(try written(.everyone(next)))
      for through in schema.relations(through: next.relation) {
        let children = try written(.direct(next.object), named: through.parent)
        reach(
          children.filter { $0.object.kind == through.name.kind }
            .map { Userset($0.object, through.name.relation) })
      }
    }
    let found = reached.filter { $0.object.kind == kind && $0.relation == relation }
      .map(\.object).sorted()
    // Reached is a superset as soon as a rule on the way takes away.
    return try found.filter { try holds(.direct(subject), Userset($0, relation)) }
  }

  private mutating func written(
    _ subject: RelationSubject, named relation: String? = nil
  ) throws -> [Userset] {
    let usersets = try source.relations(
      of: subject, named: relation, countMax: budget.left + 1)
    try budget.spend(1 + usersets.count)
    return usersets
  }

  // MARK: How

  /// How many subjects one node of a tree shows.
  private static var subjectsMax: Int { 1_000 }

  /// The tree of how a relation comes about, so many levels deep.
  mutating func expand(_ userset: Userset, depth: Int) throws -> Identity.RelationNode {
    var path: Set<Userset> = []
    return try node(userset, depth, &path)
  }

  private mutating func node(
    _ userset: Userset, _ depth: Int, _ path: inout Set<Userset>
  ) throws -> Identity.RelationNode {
    try budget.spend()
    guard let relation = schema[userset.object.kind, userset.relation], depth > 0,
      path.insert(userset).inserted
    else {
      return Identity.RelationNode(kind: .inherited, of: userset.message, truncated: true)
    }
    defer { path.remove(userset) }
    return try node(relation.rule, userset, depth, &path)
  }

  private mutating func node(
    _ rule: RelationSchema.Rule, _ userset: Userset, _ depth: Int, _ path: inout Set<Userset>
  ) throws -> Identity.RelationNode {
    var result = Identity.RelationNode(kind: .union, of: userset.message)
    switch rule {
    case .written:
      result.kind = .tuples
      let objects = try source.objects(in: userset, countMax: Self.subjectsMax + 1)
      try budget.spend(objects.count)
      result.subjects = objects.prefix(Self.subjectsMax).map(\.message)
      result.truncated = objects.count > Self.subjectsMax
      for inner in try usersets(rule, userset) {
        result.children.append(try node(inner, depth - 1, &path))
      }
    case .also, .through:
      result.kind = .inherited
      for inner in try usersets(rule, userset) {
        result.children.append(try node(inner, depth - 1, &path))
      }
    case .any(let rules):
      for rule in rules { result.children.append(try node(rule, userset, depth, &path)) }
    case .all(let rules):
      result.kind = .intersection
      for rule in rules { result.children.append(try node(rule, userset, depth, &path)) }
    case .except(let rule, let taken):
      result.kind = .exclusion
      result.children = [
        try node(rule, userset, depth, &path), try node(taken, userset, depth, &path),
      ]
    }
    return result
  }
}
