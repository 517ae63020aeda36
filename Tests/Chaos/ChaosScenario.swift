import Platform
import RPC
import RPCTransport

/// What clients ask of a service again and again while it is killed, and how to tell afterwards
/// whether all of it happened once.
protocol ChaosScenario: Sendable {
  /// One change, with the id that its client made.
  associatedtype Request: Sendable

  /// The service's program.
  var service: String { get }
  /// What it is started with beside what every service needs.
  var arguments: [String] { get }

  /// How long it may live between two kills, from the middle of its start to well into its work.
  var lifeMax: Duration { get }

  /// Makes what the requests need.
  func prepare(_ client: RPCClient) async throws

  /// A new request.
  func makeRequest(_ random: any RandomSource) -> Request

  /// Asks for it.
  ///
  /// - Returns: the bytes of the answer.
  func send(_ request: Request, _ client: RPCClient, _ options: CallOptions) async throws -> [UInt8]

  /// Reads something that is there, whatever befalls the disk.
  func read(_ client: RPCClient) async throws

  /// Compares the service's state with what it has answered.
  func check(
    _ answered: [(request: Request, answer: [UInt8])], _ client: RPCClient
  ) async throws
    -> ChaosFindings
}

/// What was wrong in the end.
struct ChaosFindings: Sendable {
  /// Answered changes that are not there.
  var lost = 0
  /// Changes that are there twice.
  var duplicated = 0
  /// What each currency is out of balance by.
  var drift: [String: Int64] = [:]
  /// Anything else, in words.
  var faults: [String] = []

  var isClean: Bool {
    lost == 0 && duplicated == 0 && drift.values.allSatisfy { $0 == 0 } && faults.isEmpty
  }
}
