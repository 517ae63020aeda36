public import RPC
public import Wire

extension Router {
  /// Adds reflection, v1 and v1alpha, over all services that the router has by now.
  ///
  /// - Parameter descriptors: what schemac wrote of the services' modules, since their
  ///   `schema.json` says `"descriptors"`; those of health and reflection are there anyway.
  /// - Throws: when one of them is damaged.
  public mutating func addReflection(_ descriptors: [UInt8]...) throws(WireError) {
    try addReflection(descriptors)
  }

  /// The same of a list of them.
  public mutating func addReflection(_ descriptors: [[UInt8]]) throws(WireError) {
    let own = [
      GRPCReflection.ServerReflectionMethods.service,
      GRPCReflectionAlpha.ServerReflectionMethods.service,
    ]
    let service = ReflectionService(
      files: try ReflectedFiles(descriptors + [RPCServicesDescriptors.fileDescriptorSet]),
      services: Set(methods.map(\.service) + own).sorted())
    service.register(in: &self)
    AlphaReflectionService(service: service).register(in: &self)
  }
}
