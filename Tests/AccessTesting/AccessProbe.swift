import Access
import CallTool
public import RPC
import SchemaCompiler

/// Calls a service's methods as anybody, and tells how each call ended.
public struct AccessProbe: Sendable {
  /// How a call ended.
  public struct Outcome: Sendable, CustomStringConvertible {
    /// The code.
    public var code: RPCCode
    /// What was answered, as JSON, or the failure's message.
    public var text: String

    /// The code and the text.
    public var description: String { "\(code) \(text)" }
  }

  private let transport: any ClientTransport
  private let schema: Schema
  private let layouts: SchemaLayouts

  /// Calls over `transport` what the contracts declare.
  public init(_ transport: any ClientTransport, _ contracts: ContractRules) {
    self.transport = transport
    schema = contracts.schema
    layouts = contracts.layouts
  }

  /// Makes a call through the gateway.
  ///
  /// - Parameters:
  ///   - path: `/package.Service/Method`.
  ///   - json: the request, or the requests.
  public func call(_ path: String, _ json: String, token: String?) async -> Outcome {
    var options = CallOptions()
    options.metadata.add(CallerNaming.metadataName, "gateway")
    if let token { options.metadata.add("authorization", "Bearer " + token) }
    let answers = Answers()
    do throws(CallFailure) {
      let call = try DynamicCall(
        of: String(path.dropFirst()), in: schema, layouts: layouts, over: transport,
        isCompact: true)
      try await call.run(RequestSource(Array(json.utf8)), options: options) { answers.add($0) }
      return Outcome(code: .ok, text: answers.text)
    } catch {
      switch error {
      case .status(let error): return Outcome(code: error.code, text: error.message)
      default: return Outcome(code: .unknown, text: "\(error)")
      }
    }
  }
}
