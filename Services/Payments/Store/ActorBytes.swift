import Platform
import TypeContracts

/// Who asked, in few bytes: the ledger keeps it with every transfer. The kind, a byte that says which
/// identifiers follow (1 person, 2 organisation, 4 key), these, and the rest is a service's name.
enum ActorBytes {
  /// The bytes of an actor; ids that are none are left out.
  static func bytes(_ actor: SaraiType.Actor) -> [UInt8] {
    let ids = [actor.personId, actor.organisationId, actor.apiKeyId].map { UUID($0) }
    var bytes = [UInt8(clamping: actor.kind.rawValue), 0]
    for (place, id) in ids.enumerated() {
      guard let id else { continue }
      bytes[1] |= 1 << UInt8(place)
      bytes += id.bytes
    }
    return bytes + Array(actor.serviceName.utf8)
  }

  /// The actor that bytes stand for; nobody, if they are none.
  static func actor(_ bytes: [UInt8]) -> SaraiType.Actor {
    guard bytes.count >= 2 else { return SaraiType.Actor() }
    var rest = bytes[2...]
    func id(_ place: UInt8) -> String {
      guard bytes[1] & 1 << place != 0, let id = UUID(bytes: Array(rest.prefix(16))) else {
        return ""
      }
      rest = rest.dropFirst(16)
      return id.description
    }
    var actor = SaraiType.Actor(personId: id(0), organisationId: id(1), apiKeyId: id(2))
    actor.kind = SaraiType.ActorKind(rawValue: Int32(bytes[0]))
    actor.serviceName = String(decoding: rest, as: UTF8.self)
    return actor
  }
}
