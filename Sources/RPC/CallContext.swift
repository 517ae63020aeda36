public import Platform
import Synchronization

/// What a handler knows of the call that it serves, and what it may add to the answer.
///
/// Any task may use it.
public final class CallContext: Sendable {
  /// The method that is called.
  public let method: MethodDescriptor
  /// What the caller sent beside the messages.
  public let metadata: Metadata
  /// When the caller stops waiting; nil if it waits for ever.
  public let deadline: MonotonicTime?
  /// Who calls, as the connection knows it.
  public let peer: Peer
  /// The clock that `deadline` is a point of.
  public let time: any TimeSource

  /// Set with the first initial or trailing metadata: most calls have none, and are spared the lock.
  private let hasReplyMetadata = Atomic<Bool>(false)
  /// What few calls need, made when it is first needed.
  private let additions = AtomicLazyReference<Additions>()

  private final class Additions: Sendable {
    private let values = Lock(Values())

    func withLock<Result>(_ body: (inout Values) -> Result) -> Result { values.withLock(body) }
  }

  private struct Values {
    var initialMetadata = Metadata()
    var trailingMetadata = Metadata()
    var compressesResponses = false
    var requestWasCompressed = false
    /// A few: to look through them is quicker than to hash.
    var values: [(type: ObjectIdentifier, value: any Sendable)] = []

    subscript(type: ObjectIdentifier) -> (any Sendable)? {
      get { values.first { $0.type == type }?.value }
      set {
        values.removeAll { $0.type == type }
        if let newValue { values.append((type, newValue)) }
      }
    }
  }

  /// The context of a call.
  public init(
    _ method: MethodDescriptor, metadata: Metadata = Metadata(), deadline: MonotonicTime? = nil,
    peer: Peer = .inProcess, time: any TimeSource = SystemTime()
  ) {
    self.method = method
    self.metadata = metadata
    self.deadline = deadline
    self.peer = peer
    self.time = time
  }

  /// How long the caller still waits, at least zero; nil if it waits for ever.
  public var timeLeft: Duration? {
    deadline.map { max(.zero, $0 - time.now()) }
  }

  // MARK: The answer's metadata

  /// Whether there is neither initial nor trailing metadata, which is so for most calls.
  public var hasNoReplyMetadata: Bool { !hasReplyMetadata.load(ordering: .relaxed) }

  /// What is sent before the first message of the answer. Later additions are not sent.
  public var initialMetadata: Metadata {
    get { additions.load()?.withLock { $0.initialMetadata } ?? Metadata() }
    set {
      hasReplyMetadata.store(true, ordering: .relaxed)
      makeAdditions().withLock { $0.initialMetadata = newValue }
    }
  }

  /// What is sent with the end of the answer, success or failure.
  public var trailingMetadata: Metadata {
    get { additions.load()?.withLock { $0.trailingMetadata } ?? Metadata() }
    set {
      hasReplyMetadata.store(true, ordering: .relaxed)
      makeAdditions().withLock { $0.trailingMetadata = newValue }
    }
  }

  // MARK: Compression

  /// Compresses the messages that are sent from now on, if the caller understands it.
  public var compressesResponses: Bool {
    get { additions.load()?.withLock { $0.compressesResponses } ?? false }
    set { makeAdditions().withLock { $0.compressesResponses = newValue } }
  }

  /// Whether the message that was read last came compressed; transports set it.
  public var requestWasCompressed: Bool {
    get { additions.load()?.withLock { $0.requestWasCompressed } ?? false }
    set {
      if newValue || additions.load() != nil {
        makeAdditions().withLock { $0.requestWasCompressed = newValue }
      }
    }
  }

  // MARK: What interceptors add

  /// What an interceptor found out about the call, by its type: who signed in, for example.
  public subscript<Value: Sendable>(type: Value.Type) -> Value? {
    get {
      additions.load()?.withLock { $0[ObjectIdentifier(type)] } as? Value
    }
    set { makeAdditions().withLock { $0[ObjectIdentifier(type)] = newValue } }
  }

  private func makeAdditions() -> Additions {
    additions.load() ?? additions.storeIfNil(Additions())
  }
}

/// Who is at the other end of a connection.
public struct Peer: Sendable, Hashable {
  /// The address, as people write it.
  public var address: String
  /// The names of the certificate that mutual TLS has verified; empty without one.
  public var certificateNames: [String]

  /// A peer at an address.
  public init(address: String, certificateNames: [String] = []) {
    self.address = address
    self.certificateNames = certificateNames
  }

  /// A caller in the same process.
  public static let inProcess = Peer(address: "in-process")
}
