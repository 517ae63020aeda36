internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts

/// Identities of services and operators' machines.
extension CredentialHandler {
  private static var certificatesMax: Int { 4 }

  func createServiceIdentity(
    _ request: Identity.CreateServiceIdentityRequest, _ context: CallContext
  ) async throws -> Identity.ServiceIdentity {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let wanted = request.serviceIdentity ?? Identity.ServiceIdentity()
    let one = "service_identity"
    if !Self.isHostName(wanted.name) {
      faults.add("\(one).name", "NOT_A_NAME", "give a DNS name in lower case, as payments")
    }
    faults.range(
      wanted.certificateSha256.count, "\(one).certificate_sha256", 0...Self.certificatesMax)
    for (index, digest) in wanted.certificateSha256.prefix(Self.certificatesMax).enumerated()
    where Hex.bytes(digest)?.count != SHA256.byteCount || digest != digest.lowercased() {
      faults.add(
        "\(one).certificate_sha256[\(index)]", "NOT_SHA256", "give 64 hexadecimal digits")
    }
    faults.text(wanted.note, "\(one).note", lengthMax: 500, isParagraph: true)
    try faults.check()
    return try await environment.once(request, id: id, context) { session, origin in
      let identity = Identity.ServiceIdentity(
        id: id.description, stamp: SaraiType.AuditStamp(created: origin), name: wanted.name,
        certificateSha256: wanted.certificateSha256, note: wanted.note)
      try ServiceIdentityStore.insert(identity, session)
      try AuditLog.add(
        "service_identity.create", to: "service_identity", id, changes: ["name": wanted.name],
        by: origin, session: session)
      return identity
    }
  }

  /// Labels of letters, digits and hyphens (RFC 1123 section 2.1), in lower case.
  private static func isHostName(_ name: String) -> Bool {
    name.utf8.count <= 253
      && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { label in
          (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
            && label.last != UInt8(ascii: "-")
            && label.allSatisfy {
              RegisterNumber.isDigit($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-")
            }
        }
  }

  func listServiceIdentities(
    _ request: Identity.ListServiceIdentitiesRequest, _ context: CallContext
  ) async throws -> Identity.ListServiceIdentitiesResponse {
    let page = try context.page(\.page, of: request)
    let found = try await environment.database.read { session in
      try ServiceIdentityStore.list(
        after: page.after?.first ?? "", countMax: page.size + 1, session)
    }
    let (items, answer) = page.cut(found) { [$0.name] }
    return Identity.ListServiceIdentitiesResponse(serviceIdentities: items, page: answer)
  }

  func disableServiceIdentity(
    _ request: Identity.DisableServiceIdentityRequest, _ context: CallContext
  ) async throws -> Identity.ServiceIdentity {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var one = try ServiceIdentityStore.get(id, session)
      if one.disabled { return one }
      one.disabled = true
      one.stamp?.change(by: origin)
      try ServiceIdentityStore.update(one, session)
      try AuditLog.add(
        "service_identity.disable", to: "service_identity", id, by: origin, session: session)
      return one
    }
  }
}
