import Access
import IdentityContracts
import Platform
import RPC
import Storage
import StorageTesting
import Testing
import TypeContracts

@testable import IdentityService

/// Facts in memory, for the rules alone.
private struct Facts: RelationSource {
  var facts: Set<RelationFact> = []

  func has(_ fact: RelationFact) -> Bool { facts.contains(fact) }

  func objects(in userset: Userset, countMax: Int) -> [RelationObject] {
    facts.filter { $0.userset == userset && $0.subject.relation.isEmpty }
      .map(\.subject.object).sorted().prefix(countMax).map(\.self)
  }

  func usersets(in userset: Userset, countMax: Int) -> [Userset] {
    facts.filter { $0.userset == userset && !$0.subject.relation.isEmpty }
      .map { Userset($0.subject.object, $0.subject.relation) }
      .sorted { $0.description < $1.description }.prefix(countMax).map(\.self)
  }

  func relations(
    of subject: RelationSubject, named relation: String?, countMax: Int
  ) -> [Userset] {
    facts.filter { $0.subject == subject && (relation == nil || $0.userset.relation == relation) }
      .map(\.userset).sorted { $0.description < $1.description }.prefix(countMax).map(\.self)
  }
}

@Suite struct RelationRuleTests {
  /// `kind:id#relation@kind:id` or `…@kind:id#relation`.
  private func fact(_ text: String) -> RelationFact {
    let sides = text.split(separator: "@")
    let left = sides[0].split(separator: "#")
    let right = sides[1].split(separator: "#")
    return RelationFact(
      Userset(object(left[0]), String(left[1])),
      RelationSubject(object(right[0]), relation: right.count > 1 ? String(right[1]) : ""))
  }

  private func object(_ text: Substring) -> RelationObject {
    let parts = text.split(separator: ":")
    return RelationObject(String(parts[0]), String(parts[1]))
  }

  private func holds(
    _ question: String, _ facts: [String], _ schema: RelationSchema = .programme
  ) throws -> Bool {
    let asked = fact(question)
    var check = RelationCheck(
      of: asked.subject, schema, Facts(facts: Set(facts.map(fact))))
    return try check.holds(asked.userset)
  }

  private static let programme = [
    "organisation:tdap#officer@person:omar", "programme:one#parent@organisation:tdap",
    "organisation:sialkot#owner@person:ayesha", "organisation:sialkot#seller@person:bilal",
    "application:a#parent@organisation:sialkot", "application:a#programme@programme:one",
    "store:s#parent@organisation:sialkot", "programme:one#participant@organisation:sialkot",
  ]

  @Test(arguments: [
    ("organisation:sialkot#member@person:bilal", true),
    ("organisation:sialkot#manager@person:bilal", false),
    ("programme:one#officer@person:omar", true), ("application:a#reviewer@person:omar", true),
    ("application:a#applicant@person:ayesha", true), ("store:s#seller@person:ayesha", true),
    ("store:s#seller@person:bilal", true), ("store:s#manager@person:bilal", false),
    ("store:s#viewer@person:omar", false),
    ("programme:one#graduate@organisation:sialkot", false),
  ])
  func `relations follow from one another as the schema says`(
    _ question: String, _ expected: Bool
  ) throws {
    #expect(try holds(question, Self.programme) == expected)
  }

  @Test func `an officer who belongs to the applicant does not review it`() throws {
    let facts = Self.programme + ["organisation:sialkot#viewer@person:omar"]
    #expect(try !holds("application:a#reviewer@person:omar", facts))
  }

  @Test func `all of a kind are in where a star was written, and a set where it was`() throws {
    let facts = [
      "store:s#viewer@person:*", "store:t#viewer@organisation:o#member",
      "organisation:o#seller@person:bilal",
    ]
    #expect(try holds("store:s#viewer@person:anyone", facts))
    #expect(try !holds("store:s#viewer@organisation:o", facts))
    #expect(try holds("store:t#viewer@person:bilal", facts))
    #expect(try holds("store:t#viewer@organisation:o#member", facts))
  }

  /// A kind whose relations go in circles through data.
  private static let circular = RelationSchema([
    "group": [
      "in": .init(.written, .one("person"), .everyone(of: "group", "in")),
      "also": .init(.written, .one("person")),
      "both": .init(.all([.also("in"), .also("also")])),
      "only": .init(.except(.also("in"), .also("also"))),
    ]
  ])

  @Test func `cycles end, and a no within one is no no elsewhere`() throws {
    let facts = [
      "group:a#in@group:b#in", "group:b#in@group:c#in", "group:c#in@group:a#in",
      "group:b#in@group:d#in", "group:d#in@person:p", "group:a#also@person:p",
    ]
    for group in ["a", "b", "c", "d"] {
      #expect(try holds("group:\(group)#in@person:p", facts, Self.circular))
      #expect(try !holds("group:\(group)#in@person:q", facts, Self.circular))
    }
    #expect(try holds("group:a#both@person:p", facts, Self.circular))
    #expect(try !holds("group:a#only@person:p", facts, Self.circular))
    #expect(try holds("group:b#only@person:p", facts, Self.circular))
  }

  @Test func `random graphs answer as a plain closure does`() throws {
    let random = SeededRandom(seed: 20_261_125)
    for _ in 0..<60 {
      var facts: Set<RelationFact> = []
      for _ in 0..<14 {
        let group = RelationObject("group", "g\(random.number(below: 6))")
        let subject: RelationSubject =
          random.number(below: 3) == 0
          ? .direct(RelationObject("person", "p\(random.number(below: 3))"))
          : .everyone(Userset(RelationObject("group", "g\(random.number(below: 6))"), "in"))
        facts.insert(RelationFact(Userset(group, "in"), subject))
      }
      let source = Facts(facts: facts)
      for person in 0..<3 {
        let subject = RelationObject("person", "p\(person)")
        // The closure: whoever is in a group is in all that hold that group, until nothing is new.
        var closed: Set<RelationObject> = []
        var isGrowing = true
        while isGrowing {
          let next = Set(
            facts.filter { fact in
              switch fact.subject {
              case .direct(let object): object == subject
              case .everyone(let userset): closed.contains(userset.object)
              }
            }.map(\.userset.object))
          isGrowing = next != closed
          closed = next
        }
        var listed = RelationWalk(Self.circular, source)
        #expect(try listed.objects(of: subject, "in", kind: "group") == closed.sorted())
        for number in 0..<6 {
          let group = RelationObject("group", "g\(number)")
          var check = RelationCheck(of: .direct(subject), Self.circular, source)
          #expect(try check.holds(Userset(group, "in")) == closed.contains(group))
          var walk = RelationWalk(Self.circular, source)
          #expect(
            try walk.subjects(of: Userset(group, "in"), kind: "person").contains(subject)
              == closed.contains(group))
        }
      }
    }
  }

  @Test func `a question that opens too much is refused, not answered wrongly`() throws {
    let wide = (0..<200).map { "group:a#in@group:g\($0)#in" }
    let deep = (0..<40).map { "group:g\($0)#in@group:g\($0 + 1)#in" }
    let question = fact("group:a#in@person:p")
    var check = RelationCheck(
      of: question.subject, Self.circular, Facts(facts: Set(wide.map(fact))),
      budget: RelationBudget(100))
    #expect(throws: IdentityError.relationTooWide) { try check.holds(question.userset) }
    #expect(throws: IdentityError.relationTooWide) {
      try holds("group:g0#in@person:p", deep, Self.circular)
    }
  }

  @Test func `a rule that takes away lists whom it leaves`() throws {
    let source = Facts(
      facts: Set(
        (Self.programme + [
          "organisation:tdap#officer@person:sana", "organisation:sialkot#viewer@person:sana",
        ]).map(fact)))
    var walk = RelationWalk(.programme, source)
    let reviewer = Userset(RelationObject("application", "a"), "reviewer")
    #expect(try walk.subjects(of: reviewer, kind: "person") == [RelationObject("person", "omar")])
    for (person, expected) in [("omar", ["a"]), ("sana", [])] {
      let found = try walk.objects(
        of: RelationObject("person", person), "reviewer", kind: "application")
      #expect(found.map(\.id) == expected)
    }
  }

  @Test func `a tree shows as many levels as asked for`() throws {
    let source = Facts(facts: Set(Self.programme.map(fact)))
    var walk = RelationWalk(.programme, source)
    let seller = Userset(RelationObject("store", "s"), "seller")
    let tree = try walk.expand(seller, depth: 4)
    #expect(tree.kind == .union && !tree.truncated)
    #expect(tree.children.map(\.kind) == [.tuples, .inherited, .inherited])
    #expect(tree.children[2].children.first?.children.isEmpty == true)
    #expect(tree.children[2].children.first?.subjects.map(\.id) == ["bilal"])
    let flat = try walk.expand(seller, depth: 1)
    #expect(flat.children[1].children.first?.truncated == true)
  }

  @Test func `what an exclusion takes away rests on no relation above it`() {
    let schema = RelationSchema.programme
    func rests(_ name: RelationSchema.Name) -> Set<RelationSchema.Name> {
      var seen: Set<RelationSchema.Name> = []
      var waiting = [name]
      while let next = waiting.popLast() {
        guard seen.insert(next).inserted, let relation = schema[next.kind, next.relation] else {
          continue
        }
        waiting += parts(relation.rule, next.kind)
        for case .everyone(let kind, let inner) in relation.subjects {
          waiting.append(.init(kind: kind, relation: inner))
        }
      }
      return seen
    }
    func parts(_ rule: RelationSchema.Rule, _ kind: String) -> [RelationSchema.Name] {
      switch rule {
      case .written: return []
      case .also(let relation): return [.init(kind: kind, relation: relation)]
      case .through(let parent, let relation):
        return (schema[kind, parent]?.subjects ?? []).compactMap { subject in
          guard case .one(let kind) = subject else { return nil }
          return .init(kind: kind, relation: relation)
        }
      case .any(let rules), .all(let rules): return rules.flatMap { parts($0, kind) }
      case .except(let rule, let taken): return parts(rule, kind) + parts(taken, kind)
      }
    }
    func takenAway(_ rule: RelationSchema.Rule) -> [RelationSchema.Rule] {
      switch rule {
      case .written, .also, .through: []
      case .any(let rules), .all(let rules): rules.flatMap(takenAway)
      case .except(let rule, let taken): takenAway(rule) + [taken]
      }
    }
    var count = 0
    for name in schema.names {
      guard let relation = schema[name.kind, name.relation] else { continue }
      for taken in takenAway(relation.rule) {
        for below in parts(taken, name.kind) {
          count += 1
          #expect(!rests(below).contains(name), "\(name) takes away what rests on it")
        }
      }
    }
    #expect(count > 0)
  }

  @Test func `the schema names every role that memberships give`() {
    #expect(Set(RelationSchema.roles) == Set(Role.allCases.map(\.name)))
  }
}

@Suite struct RelationHandlerTests {
  private func tuple(
    _ object: (String, UUID), _ relation: String, _ subject: (String, UUID)
  ) -> Identity.RelationTuple {
    RelationFact(
      Userset(RelationObject(object.0, object.1), relation),
      .direct(RelationObject(subject.0, subject.1))
    ).message
  }

  private let store = UUID(high: 5, low: 1)
  private let organisation = UUID(high: 5, low: 2)

  @Test(arguments: Engine.allCases)
  func `a write is all or none, once, and has its place in the stream of changes`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let call = identity.by(try await identity.token(.platformOperator))
      let service = identity.by(via: "onboarding")
      let relations = identity.relations
      let parent = tuple(("store", store), "parent", ("organisation", organisation))
      let manager = tuple(("store", store), "manager", ("person", UUID(high: 5, low: 3)))
      let id = identity.newID()
      let write = Identity.WriteTuplesRequest(
        id: id, additions: [parent, manager], reason: "provisioned")
      let made = try await relations.writeTuples(write, options: call)
      #expect(try await relations.writeTuples(write, options: call) == made)
      let found = try await relations.getWrite(
        Identity.GetWriteRequest(id: id), options: service)
      #expect(found.position == made.position)
      let failed = Identity.WriteTuplesRequest(
        id: identity.newID(), removals: [manager],
        conditions: [tuple(("store", store), "viewer", ("person", organisation))],
        reason: "not so")
      #expect(
        await identity.refusal { try await relations.writeTuples(failed, options: call) }
          == "RELATION_CONDITION")
      #expect(
        await identity.refusal {
          try await relations.getWrite(Identity.GetWriteRequest(id: failed.id), options: service)
        } == "notFound")
      let undone = try await relations.writeTuples(
        Identity.WriteTuplesRequest(
          id: identity.newID(), removals: [manager], conditions: [parent], reason: "moved on"),
        options: call)
      #expect(undone.position == made.position + 1)
      let changes = try await relations.streamTupleChanges(
        Identity.StreamTupleChangesRequest(objectKind: "store"), options: service
      ) { stream in
        var changes: [Identity.StreamTupleChangesResponse] = []
        while changes.count < 3, let change = try await stream.next() { changes.append(change) }
        return changes
      }
      #expect(changes.map(\.position) == [made.position, made.position, undone.position])
      #expect(changes.map(\.removed) == [false, false, true])
      #expect(changes.map(\.tuple) == [parent, manager, manager])
    }
  }

  @Test func `what the schema does not take, or memberships keep, is refused`() async throws {
    try await TestIdentity.run { identity in
      let call = identity.by(try await identity.token(.platformOperator))
      func write(_ tuple: Identity.RelationTuple) async -> String? {
        await identity.refusal {
          try await identity.relations.writeTuples(
            Identity.WriteTuplesRequest(
              id: identity.newID(), additions: [tuple], reason: "try"), options: call)
        }
      }
      #expect(
        await write(tuple(("store", store), "nonsense", ("person", store)))
          == "RELATION_UNKNOWN")
      #expect(
        await write(tuple(("store", store), "parent", ("person", store))) == "RELATION_UNKNOWN")
      #expect(
        await write(tuple(("organisation", store), "owner", ("person", store)))
          == "FIELD_INVALID")
    }
  }

  @Test(arguments: Engine.allCases)
  func `lists come in pages, and answers rest on one state`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let call = identity.by(try await identity.token(.platformOperator))
      let relations = identity.relations
      let stores = (0..<5).map { UUID(high: 9, low: $0) }
      let person = UUID(high: 5, low: 3)
      let written = try await relations.writeTuples(
        Identity.WriteTuplesRequest(
          id: identity.newID(),
          additions: stores.map { tuple(("store", $0), "manager", ("person", person)) },
          reason: "five stores"), options: call)
      var objects = Identity.ListObjectsRequest(
        page: SaraiType.PageRequest(size: 2), subjectKind: "person",
        subjectId: person.description, relation: "viewer", objectKind: "store")
      var seen: [String] = []
      repeat {
        let answer = try await relations.listObjects(objects, options: call)
        seen += answer.objects.map(\.id)
        objects.page?.cursor = answer.page?.nextCursor ?? ""
      } while objects.page?.cursor != ""
      #expect(seen == stores.map(\.description))
      var tuples = Identity.ListTuplesRequest(
        page: SaraiType.PageRequest(size: 2), objectKind: "store")
      var count = 0
      repeat {
        let answer = try await relations.listTuples(tuples, options: call)
        count += answer.tuples.count
        tuples.page?.cursor = answer.page?.nextCursor ?? ""
      } while tuples.page?.cursor != ""
      #expect(count == 5)
      let batch = try await relations.batchCheckRelations(
        Identity.BatchCheckRelationsRequest(
          tuples: [
            tuple(("store", stores[0]), "viewer", ("person", person)),
            tuple(("store", UUID(high: 9, low: 99)), "viewer", ("person", person)),
          ], atLeastPosition: written.position), options: identity.by(via: "catalog"))
      #expect(batch.allowed == [true, false] && batch.position == written.position)
      #expect(
        await identity.refusal {
          try await relations.batchCheckRelations(
            Identity.BatchCheckRelationsRequest(
              tuples: [tuple(("store", stores[0]), "viewer", ("person", person))],
              atLeastPosition: written.position + 1), options: identity.by(via: "catalog"))
        } == "DEPENDENCY_DOWN")
      let subjects = try await relations.listSubjects(
        Identity.ListSubjectsRequest(
          objectKind: "store", objectId: stores[1].description, relation: "viewer"),
        options: call)
      #expect(subjects.subjects.map(\.id) == [person.description])
    }
  }
}
