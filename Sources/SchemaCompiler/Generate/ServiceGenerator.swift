/// Writes what one service needs in Swift: its methods, its protocol and its client.
struct ServiceGenerator {
  let service: Service
  let namespace: String
  let scope: SwiftScope

  private var name: String { SwiftName.type(service.name, suffix: "Service") }
  private var outer: [String] { namespace.isEmpty ? [] : [namespace] }
  private var prefix: String { namespace.isEmpty ? "" : "\(namespace)." }
  private var methodsName: String { "\(name)Methods" }

  /// A method with the names that its Swift uses.
  private struct Call {
    var method: Method
    var name: String
    var input: String
    var output: String

    var kind: String {
      switch (method.clientStreams, method.serverStreams) {
      case (false, false): "unary"
      case (true, false): "clientStreaming"
      case (false, true): "serverStreaming"
      case (true, true): "bidirectional"
      }
    }
  }

  private func calls() -> [Call] {
    var names = UniqueNames()
    return service.methods.enumerated().map { index, method in
      Call(
        method: method, name: names.take(SwiftName.member(method.name), index),
        input: scope.reference(to: method.input, from: outer),
        output: scope.reference(to: method.output, from: outer))
    }
  }

  func write(to writer: inout SwiftWriter) {
    let calls = calls()
    let write = { (writer: inout SwiftWriter) in
      writeMethods(calls, to: &writer)
      writer.line()
      writeProtocol(calls, to: &writer)
      writer.line()
      writeClient(calls, to: &writer)
    }
    if namespace.isEmpty { write(&writer) } else { writer.block("extension \(namespace)", write) }
    writer.line()
    writeRegistration(calls, to: &writer)
  }

  // MARK: Parts

  private func writeMethods(_ calls: [Call], to writer: inout SwiftWriter) {
    writer.comment(["The methods of `\(service.fullName)`."])
    writer.block("public enum \(methodsName)") { writer in
      writer.comment(["The service's full name."])
      writer.line("public static let service = \"\(service.fullName)\"")
      for call in calls {
        writer.line()
        writer.comment(documentation(call))
        var items = ["service: service", "name: \"\(call.method.name)\"", "kind: .\(call.kind)"]
        if let level = idempotency(call.method) { items.append("idempotency: .\(level)") }
        let head = "public static let \(call.name) = RPC.Method<\(call.input), \(call.output)>("
        writer.call(head, items)
      }
    }
  }

  private func idempotency(_ method: Method) -> String? {
    switch method.options.enumValue("idempotency_level") {
    case "NO_SIDE_EFFECTS": "noSideEffects"
    case "IDEMPOTENT": "idempotent"
    default: method.carriesIdentity ? "idempotent" : nil
    }
  }

  private func writeProtocol(_ calls: [Call], to writer: inout SwiftWriter) {
    writer.comment(
      SwiftComment.lines(
        service.source, service.options, otherwise: "`\(service.fullName)`"))
    writer.block("public protocol \(name): RPC.Service") { writer in
      for (index, call) in calls.enumerated() {
        if index > 0 { writer.line() }
        writer.comment(documentation(call))
        let (parameters, result) = handlerSignature(call)
        writer.list("func \(call.name)(", parameters, closing: ") async throws\(result)")
      }
    }
  }

  private func handlerSignature(_ call: Call) -> (parameters: [String], result: String) {
    let request = "_ request: \(call.input)"
    let requests = "_ requests: RequestStream<\(call.input)>"
    let responses = "_ responses: ResponseWriter<\(call.output)>"
    let context = "_ context: CallContext"
    return switch (call.method.clientStreams, call.method.serverStreams) {
    case (false, false): ([request, context], " -> \(call.output)")
    case (true, false): ([requests, context], " -> \(call.output)")
    case (false, true): ([request, responses, context], "")
    case (true, true): ([requests, responses, context], "")
    }
  }

  private func writeClient(_ calls: [Call], to writer: inout SwiftWriter) {
    writer.comment(["Calls `\(service.fullName)`."])
    writer.block("public struct \(name)Client<Transport: ClientTransport>: Sendable") { writer in
      writer.comment(["What carries the calls."])
      writer.line("public let transport: Transport")
      writer.line()
      writer.comment(["A client over `transport`."])
      writer.block("public init(_ transport: Transport)") { $0.line("self.transport = transport") }
      for call in calls {
        writer.line()
        writer.comment(documentation(call))
        writeClientCall(call, to: &writer)
      }
    }
  }

  /// Streams live inside a closure, so that nothing of the call outlives it.
  private func writeClientCall(_ call: Call, to writer: inout SwiftWriter) {
    let requests = "RequestWriter<\(call.input)>"
    let responses = "ResponseStream<\(call.output)>"
    let options = "options: CallOptions = CallOptions()"
    let request = "_ request: \(call.input)"
    let head: String
    let parameters: [String]
    let result: String
    switch (call.method.clientStreams, call.method.serverStreams) {
    case (false, false):
      (head, parameters) = ("", [request, options])
      result = "throws(RPCError) -> \(call.output)"
    case (true, false):
      let send = "_ send: @escaping @Sendable (\(requests)) async throws -> Void"
      (head, parameters, result) = ("", [options, send], "throws -> \(call.output)")
    case (false, true):
      let receive = "_ receive: @escaping @Sendable (\(responses)) async throws -> T"
      (head, parameters, result) = ("<T: Sendable>", [request, options, receive], "throws -> T")
    case (true, true):
      let exchange =
        "_ exchange: @escaping @Sendable (\(requests), \(responses)) async throws -> T"
      (head, parameters, result) = ("<T: Sendable>", [options, exchange], "throws -> T")
    }
    writer.list(
      "public func \(call.name)\(head)(", parameters, closing: ") async \(result) {")
    var arguments = ["\(methodsName).\(call.name)"]
    for parameter in parameters {
      let words = parameter.split(separator: ":")[0].split(separator: " ")
      arguments.append(words[0] == "_" ? String(words[1]) : "options: options")
    }
    writer.indented {
      $0.call("try await transport.\(call.kind)(", arguments)
    }
    writer.line("}")
  }

  private func writeRegistration(_ calls: [Call], to writer: inout SwiftWriter) {
    writer.block("extension \(prefix)\(name)") { writer in
      writer.comment(["The service's full name."])
      writer.line("public static var serviceName: String { \"\(service.fullName)\" }")
      writer.line()
      writer.comment(["Adds the service's methods to a router."])
      writer.block("public func register(in router: inout Router)") { writer in
        for call in calls {
          let method = "\(prefix)\(methodsName).\(call.name)"
          let arguments = call.method.serverStreams ? "$0, $1, $2" : "$0, $1"
          writer.block("router.\(call.kind)(\(method))") {
            if let field = call.method.organisationField, !call.method.clientStreams {
              let context = call.method.serverStreams ? "$2" : "$1"
              $0.line("try \(context).checkOrganisation($0.\(SwiftName.member(field)))")
              $0.line("return try await \(call.name)(\(arguments))")
            } else {
              $0.line("try await \(call.name)(\(arguments))")
            }
          }
        }
      }
    }
  }

  private func documentation(_ call: Call) -> [String] {
    SwiftComment.lines(
      call.method.source, call.method.options, otherwise: "`\(call.method.fullName)`")
  }
}

extension Method {
  /// Whether Sarai's own option says that repeating the call is harmless: the request carries an id
  /// that the service remembers, or the method states an end and not a step.
  fileprivate var carriesIdentity: Bool {
    saraiOption("idempotency").contains {
      guard $0.name == "kind", case .enumeration(let name, _) = $0.value else { return false }
      return name.hasSuffix("_CLIENT_ID") || name.hasSuffix("_NATURAL")
    }
  }

  /// The request's field that names the organisation in which the caller needs its permission.
  fileprivate var organisationField: String? {
    for field in saraiOption("access") where field.name == "organisation_field" {
      if case .string(let name) = field.value, !name.isEmpty { return name }
    }
    return nil
  }

  private func saraiOption(_ name: String) -> [OptionField] {
    for option in options.fields
    where option.name.hasPrefix("(sarai.") && option.name.hasSuffix(".\(name))") {
      if case .message(let fields) = option.value { return fields }
    }
    return []
  }
}
