/// Which kinds of objects and relations there are, and how relations follow from one another.
///
/// A relation is `object#relation`; its rule says who stands in it: who was written into it, who
/// stands in another relation of the same object, who stands in a relation of a parent object, and
/// unions, intersections and exclusions of these. What an exclusion takes away must not rest on the
/// relation itself, by no detour: then "is not" has one meaning in every cycle. A test walks the
/// schema for that.
struct RelationSchema: Sendable {
  /// Who stands in a relation.
  indirect enum Rule: Sendable, Hashable {
    /// Who was written into it.
    case written
    /// Who stands in another relation of the same object.
    case also(String)
    /// Who stands in the second relation of any object that stands in the first.
    case through(String, String)
    /// Who is in any.
    case any([Rule])
    /// Who is in all.
    case all([Rule])
    /// Who is in the first and not in the second.
    case except(Rule, Rule)
  }

  /// Who may be written into a relation.
  enum SubjectKind: Sendable, Hashable {
    /// One object of a kind.
    case one(String)
    /// All objects of a kind.
    case everyOne(String)
    /// Whoever stands in a relation to an object of a kind.
    case everyone(of: String, String)
  }

  /// One relation of a kind.
  struct Relation: Sendable {
    let rule: Rule
    let subjects: Set<SubjectKind>

    init(_ rule: Rule, _ subjects: SubjectKind...) {
      self.rule = rule
      self.subjects = Set(subjects)
    }
  }

  private let kinds: [String: [String: Relation]]
  /// For a relation of a kind, those of the same kind whose rule names it.
  private let alsoIn: [Name: [String]]
  /// For a relation's name, the relations that come to it through another object.
  private let throughIn: [String: [Through]]

  /// A relation of a kind.
  struct Name: Sendable, Hashable {
    let kind: String
    let relation: String
  }

  /// A relation whose rule goes through another object.
  struct Through: Sendable, Hashable {
    let name: Name
    let parent: String
  }

  init(_ kinds: [String: [String: Relation]]) {
    self.kinds = kinds
    var alsoIn: [Name: [String]] = [:]
    var throughIn: [String: [Through]] = [:]
    for (kind, relations) in kinds.sorted(by: { $0.key < $1.key }) {
      for (name, relation) in relations.sorted(by: { $0.key < $1.key }) {
        for part in relation.rule.parts {
          switch part {
          case .also(let other): alsoIn[Name(kind: kind, relation: other), default: []].append(name)
          case .through(let parent, let other):
            throughIn[other, default: []].append(
              Through(name: Name(kind: kind, relation: name), parent: parent))
          default: break
          }
        }
      }
    }
    self.alsoIn = alsoIn
    self.throughIn = throughIn
  }

  /// All relations.
  var names: [Name] {
    kinds.flatMap { kind, relations in relations.keys.map { Name(kind: kind, relation: $0) } }
  }

  /// Whether there is a kind.
  func has(kind: String) -> Bool { kinds[kind] != nil }

  /// A relation of a kind; nil if there is none.
  subscript(kind: String, relation: String) -> Relation? { kinds[kind]?[relation] }

  /// Whether a fact may be written.
  func takes(_ fact: RelationFact) -> Bool {
    guard let relation = self[fact.userset.object.kind, fact.userset.relation] else { return false }
    let object = fact.subject.object
    switch fact.subject {
    case .direct where object.id == "*": return relation.subjects.contains(.everyOne(object.kind))
    case .direct: return relation.subjects.contains(.one(object.kind))
    case .everyone(let userset):
      return relation.subjects.contains(.everyone(of: object.kind, userset.relation))
    }
  }

  /// The relations of the same object whose rules name this one.
  func relations(naming name: Name) -> [String] { alsoIn[name] ?? [] }

  /// The relations whose rules come to this one through another object.
  func relations(through relation: String) -> [Through] { throughIn[relation] ?? [] }
}

extension RelationSchema.Rule {
  /// The rule and all that it is made of, less what exclusions take away.
  var parts: [RelationSchema.Rule] {
    switch self {
    case .written, .also, .through: [self]
    case .any(let rules), .all(let rules): [self] + rules.flatMap(\.parts)
    case .except(let rule, _): [self] + rule.parts
    }
  }

  /// Whether it only adds: nobody drops out for what else is written.
  var onlyAdds: Bool {
    !parts.contains { part in
      switch part {
      case .all, .except: true
      default: false
      }
    }
  }
}
