internal import Platform
internal import TypeContracts

extension Origin {
  /// The same call, once it is known who makes it: those who sign in have no token yet.
  func made(by person: UUID) -> Origin {
    guard actor.kind != .person else { return self }
    var origin = self
    origin.actor.kind = .person
    origin.actor.personId = person.description
    return origin
  }
}
