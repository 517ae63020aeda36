/// What schemac generates a protocol of for every service of a schema.
public protocol Service: Sendable {
  /// The full name, such as `sarai.catalog.v1.CatalogService`.
  static var serviceName: String { get }

  /// Adds the service's methods to a router.
  func register(in router: inout Router)
}
