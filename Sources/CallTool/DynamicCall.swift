public import RPC
public import SchemaCompiler
import Wire

/// A call of a method that is known at run time only, with JSON in and out.
public struct DynamicCall: Sendable {
  /// The method.
  public let method: MethodDescriptor
  private let request: MessageLayout
  private let response: MessageLayout
  private let encoding: Encoding
  private let transport: any ClientTransport
  private var reading = CodingOptions()
  private var writing = CodingOptions()

  /// A call of the method that `package.Service/Method` names.
  ///
  /// - Parameter isCompact: answers stand on one line each.
  /// - Throws: `CallFailure.schema` when there is no such method.
  public init(
    of name: String, in schema: Schema, layouts: SchemaLayouts, over transport: any ClientTransport,
    isCompact: Bool = false
  ) throws(CallFailure) {
    let (service, method) = try SchemaLookup(schema).method(named: name)
    guard let request = layouts[method.input], let response = layouts[method.output] else {
      throw .schema("the schema lacks the messages of `\(method.fullName)`")
    }
    self.method = method.descriptor(of: service)
    self.request = request
    self.response = response
    self.transport = transport
    encoding = transport.encoding
    reading.types = layouts.registry
    writing.types = layouts.registry
    writing.prettyPrintsJSON = !isCompact
    // The service may know more than the schema at hand.
    writing.dropsUnknownFields = true
  }

  /// Makes the call: sends what `requests` holds as it comes, hands on each answer as it comes.
  ///
  /// - Parameter answer: is given each answer as JSON.
  /// - Throws: `CallFailure`.
  public func run(
    _ requests: RequestSource, options: CallOptions,
    answer: @escaping @Sendable ([UInt8]) -> Void
  ) async throws(CallFailure) {
    do {
      switch method.kind {
      case .unary:
        let bytes = try await only(requests)
        let reply = try await transport.unary(method, bytes, options: options)
        answer(try json(reply))
      case .serverStreaming:
        // Seen to be right before the service hears of it.
        let bytes = try await only(requests)
        try await transport.stream(method, options: options) { writer, replies in
          try await writer.send(bytes)
          writer.finish()
          try await receive(replies, answer)
        }
      case .clientStreaming, .bidirectional:
        try await transport.stream(method, options: options) { writer, replies in
          try await exchange(requests, writer, replies, answer)
        }
      }
    } catch let failure as CallFailure {
      throw failure
    } catch {
      throw .status(RPCError(reporting: error))
    }
  }

  /// Sends and receives at the same time; the call is over when the answers are, or when a request
  /// is wrong.
  private func exchange(
    _ requests: RequestSource, _ writer: ByteWriter, _ replies: ByteStream,
    _ answer: @escaping @Sendable ([UInt8]) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        var requests = requests
        while let value = try await requests.next(), !Task.isCancelled {
          try await writer.send(try encode(value))
        }
        writer.finish()
        return false
      }
      group.addTask {
        try await receive(replies, answer)
        return true
      }
      defer { group.cancelAll() }
      while let isOver = try await group.next() { if isOver { return } }
    }
  }

  private func receive(_ replies: ByteStream, _ answer: ([UInt8]) -> Void) async throws {
    while let reply = try await replies.next() { answer(try json(reply)) }
  }

  // MARK: Messages

  /// The one request of a method that takes one; an empty message if there is none.
  private func only(_ requests: RequestSource) async throws(CallFailure) -> [UInt8] {
    var requests = requests
    guard let value = try await requests.next() else {
      return try encode(JSONSplitter.Value(bytes: Array("{}".utf8), line: 1, column: 1))
    }
    let bytes = try encode(value)
    if let second = try await requests.next() {
      throw .input(
        "line \(second.line), column \(second.column): a second value, where \(method.path) takes"
          + " one request")
    }
    return bytes
  }

  private func encode(_ value: JSONSplitter.Value) throws(CallFailure) -> [UInt8] {
    do throws(WireError) {
      return try DynamicMessage(request, decoding: value.bytes, as: .json, options: reading)
        .encoded(as: encoding, options: reading)
    } catch {
      throw .input("\(value.placed(error)); it is to be a \(request.name)")
    }
  }

  private func json(_ bytes: [UInt8]) throws(CallFailure) -> [UInt8] {
    do throws(WireError) {
      var tolerant = reading
      tolerant.ignoresUnknownJSONMembers = true
      return try DynamicMessage(response, decoding: bytes, as: encoding, options: tolerant)
        .encoded(as: .json, options: writing)
    } catch {
      throw .answer(
        "an answer of \(bytes.count) bytes is no \(response.name) of this schema: \(error)")
    }
  }
}
