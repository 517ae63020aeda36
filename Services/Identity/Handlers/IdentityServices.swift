internal import RPC

/// Every service of identity's contract, in one list.
enum IdentityServices {
  static func all(_ environment: IdentityEnvironment) -> [any RPC.Service] {
    [
      AuditHandler(environment: environment), AuthorizationHandler(),
      CredentialHandler(environment: environment), EventHandler(environment: environment),
      OrganisationHandler(environment: environment), RelationHandler(environment: environment),
      VerificationHandler(environment: environment),
    ]
  }
}
