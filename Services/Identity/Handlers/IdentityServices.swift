internal import RPC

/// Every service of identity's contract, in one list.
enum IdentityServices {
  static func all(_ environment: IdentityEnvironment) -> [any RPC.Service] {
    [
      AccountHandler(environment: environment), AuditHandler(environment: environment),
      AuthenticatorHandler(environment: environment), AuthorizationHandler(),
      CredentialHandler(environment: environment), EventHandler(environment: environment),
      OrganisationHandler(environment: environment), RelationHandler(environment: environment),
      SessionHandler(environment: environment), VerificationHandler(environment: environment),
    ]
  }
}
