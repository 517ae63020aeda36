internal import RPC

/// Every service of identity's contract, in one list.
enum IdentityServices {
  static func all(_ environment: IdentityEnvironment) -> [any RPC.Service] {
    [
      AuditHandler(environment: environment), AuthorizationHandler(),
      EventHandler(environment: environment),
    ]
  }
}
