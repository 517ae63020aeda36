internal import IdentityContracts
internal import Platform

/// A thing of the relation graph: `organisation:0192f5d4-…`.
struct RelationObject: Sendable, Hashable, Comparable, CustomStringConvertible {
  let kind: String
  /// An id, or "*" for all of the kind, in subjects only.
  let id: String

  init(_ kind: String, _ id: String) {
    self.kind = kind
    self.id = id
  }

  init(_ kind: String, _ id: UUID) { self.init(kind, id.description) }

  /// All of its kind.
  var wildcard: RelationObject { RelationObject(kind, "*") }

  var description: String { "\(kind):\(id)" }

  var message: Identity.ObjectRef { Identity.ObjectRef(kind: kind, id: id) }

  static func < (left: Self, right: Self) -> Bool { (left.kind, left.id) < (right.kind, right.id) }
}

/// All who stand in a relation to an object: `organisation:0192f5d4-…#officer`.
struct Userset: Sendable, Hashable, CustomStringConvertible {
  let object: RelationObject
  let relation: String

  init(_ object: RelationObject, _ relation: String) {
    self.object = object
    self.relation = relation
  }

  var description: String { "\(object)#\(relation)" }

  var message: Identity.SubjectSet {
    Identity.SubjectSet(object: object.message, relation: relation)
  }
}

/// Who stands in a relation: one object, or whoever stands in another relation.
enum RelationSubject: Sendable, Hashable {
  case direct(RelationObject)
  case everyone(Userset)

  /// The object that it names.
  var object: RelationObject {
    switch self {
    case .direct(let object): object
    case .everyone(let userset): userset.object
    }
  }

  /// The relation that it names; empty for one object.
  var relation: String {
    if case .everyone(let userset) = self { userset.relation } else { "" }
  }

  init(_ object: RelationObject, relation: String) {
    self = relation.isEmpty ? .direct(object) : .everyone(Userset(object, relation))
  }
}

/// One fact: `object#relation@subject`.
struct RelationFact: Sendable, Hashable {
  let userset: Userset
  let subject: RelationSubject

  init(_ userset: Userset, _ subject: RelationSubject) {
    self.userset = userset
    self.subject = subject
  }

  /// That a person has a role in an organisation.
  static func role(_ role: String, of person: UUID, in organisation: UUID) -> RelationFact {
    RelationFact(
      Userset(RelationObject("organisation", organisation), role),
      .direct(RelationObject("person", person)))
  }

  var message: Identity.RelationTuple {
    Identity.RelationTuple(
      object: userset.object.message, relation: userset.relation,
      subject: {
        switch subject {
        case .direct(let object): .direct(object.message)
        case .everyone(let userset): .everyoneOf(userset.message)
        }
      }())
  }
}
