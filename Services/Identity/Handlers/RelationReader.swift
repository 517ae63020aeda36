internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import TypeContracts

/// Reads relations from requests: their form, and whether the schema has them.
struct RelationReader {
  private let schema: RelationSchema
  private var isUnknown = false
  var faults = FieldFaults()

  init(_ schema: RelationSchema) { self.schema = schema }

  /// - Throws: `invalidArgument`: FIELD_INVALID for what has not the form, else RELATION_UNKNOWN.
  func check() throws {
    try faults.check()
    if isUnknown { throw IdentityError.refused(.relationUnknown) }
  }

  mutating func kind(_ kind: String, _ field: String) {
    if kind.isEmpty {
      faults.add(field, "REQUIRED", "name the kind of object")
    } else if !schema.has(kind: kind) {
      isUnknown = true
    }
  }

  mutating func relation(_ kind: String, _ relation: String, _ field: String) {
    if kind.isEmpty || relation.isEmpty {
      faults.add(field, "REQUIRED", "name a kind of object and a relation of it")
    } else if schema[kind, relation] == nil {
      isUnknown = true
    }
  }

  /// An object, named by two fields.
  mutating func object(
    _ kind: String, _ id: String, _ field: String, mayBeAll: Bool = false
  ) -> RelationObject {
    self.kind(kind, "\(field)_kind")
    if id != "*" || !mayBeAll { _ = faults.id(id, "\(field)_id") }
    return RelationObject(kind, id)
  }

  /// A relation of an object, named by three fields.
  mutating func userset(_ kind: String, _ id: String, _ relation: String) -> Userset {
    self.relation(kind, relation, "relation")
    return Userset(object(kind, id, "object"), relation)
  }

  /// A tuple that is asked for.
  mutating func question(_ tuple: Identity.RelationTuple, _ field: String) -> RelationFact {
    let object = reference(tuple.object, "\(field).object", mayBeAll: false)
    relation(object.kind, tuple.relation, "\(field).relation")
    let subject: RelationSubject
    switch tuple.subject {
    case .direct(let reference):
      subject = .direct(self.reference(reference, "\(field).direct", mayBeAll: true))
    case .everyoneOf(let set):
      let object = reference(set.object, "\(field).everyone_of.object", mayBeAll: false)
      relation(object.kind, set.relation, "\(field).everyone_of.relation")
      subject = .everyone(Userset(object, set.relation))
    case nil:
      faults.add("\(field).direct", "REQUIRED", "name a subject")
      subject = .direct(object)
    }
    return RelationFact(Userset(object, tuple.relation), subject)
  }

  private mutating func reference(
    _ reference: Identity.ObjectRef?, _ field: String, mayBeAll: Bool
  ) -> RelationObject {
    let reference = reference ?? Identity.ObjectRef()
    kind(reference.kind, "\(field).kind")
    if reference.id != "*" || !mayBeAll { _ = faults.id(reference.id, "\(field).id") }
    return RelationObject(reference.kind, reference.id)
  }

  /// Tuples to be written: the schema must take them, and memberships must not keep them.
  mutating func changes(
    _ tuples: some Collection<Identity.RelationTuple>, _ field: String
  ) -> [RelationFact] {
    tuples.enumerated().map { index, tuple in
      let fact = question(tuple, "\(field)[\(index)]")
      if RelationSchema.isKeptByMemberships(fact.userset) {
        faults.add(
          "\(field)[\(index)].relation", "KEPT_BY_MEMBERSHIPS",
          "roles are given and taken by memberships, not by tuples")
      } else if !schema.takes(fact) {
        isUnknown = true
      }
      return fact
    }
  }
}

extension Page {
  /// The page of a list that is at hand whole, sorted.
  func part(
    of objects: [RelationObject]
  ) -> (items: [Identity.ObjectRef], page: SaraiType.PageResponse) {
    let start = after.flatMap { $0.count == 2 ? RelationObject($0[0], $0[1]) : nil }
    let found = objects.drop { object in start.map { object <= $0 } ?? false }.prefix(size + 1)
    return cut(found.map(\.message), total: Int64(objects.count)) { [$0.kind, $0.id] }
  }
}
