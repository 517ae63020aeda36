internal import RPC

/// Every service of identity's contract, in one list.
enum IdentityServices {
  static func all(_ environment: IdentityEnvironment) -> [any RPC.Service] {
    [
      AccountHandler(environment: environment), AuthenticatorHandler(environment: environment),
      SessionHandler(environment: environment), AuthorizationHandler(),
    ]
  }
}
