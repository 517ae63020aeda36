import Platform
import Reactor
import Wire

/// Sends spans to a collector: OTLP over HTTP in protobuf. What it does not take is dropped, and
/// counted; nobody waits for it.
struct TraceExporter: Sendable {
  private let tracer: Tracer
  private let address: CollectorAddress
  private let loop: EventLoop
  private let instance: String

  /// Why spans did not arrive.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(_ tracer: Tracer, _ collector: CollectorLoop, _ instance: String) {
    self.tracer = tracer
    address = collector.address
    loop = collector.loop
    self.instance = instance
  }

  private static let batchMax = 512
  private static let period: Duration = .seconds(2)

  /// The job that exports while the service runs.
  var job: BackgroundJob {
    .every(Self.period, "trace-export", isLeased: false) { try await export() }
  }

  /// Sends all that waits.
  func export() async throws {
    while true {
      let spans = tracer.take(atMost: Self.batchMax)
      if spans.isEmpty { return }
      do {
        try await send(spans)
        tracer.handedOver(spans.count, isTaken: true)
      } catch {
        tracer.handedOver(spans.count, isTaken: false)
        throw error
      }
    }
  }

  private func send(_ spans: [TraceSpan]) async throws {
    let batch = OTLP.ExportTraceServiceRequest(spans, of: tracer.service, instance: instance)
    let body = try batch.encoded(as: .protobuf)
    let targets = try await NameResolver.addresses(of: address.host, port: address.port)
    guard let target = targets.first,
      let status = await CollectorRequest.post(body, to: address, at: target, on: loop)
    else {
      throw Failure(description: "the collector at \(address.authority) did not answer")
    }
    guard (200..<300).contains(status) else {
      throw Failure(description: "the collector at \(address.authority) answered \(status)")
    }
  }
}

/// A collector, and the loop that speaks to it.
struct CollectorLoop: Sendable {
  let address: CollectorAddress
  let loop: EventLoop

  init(_ address: CollectorAddress, _ loop: EventLoop) {
    self.address = address
    self.loop = loop
  }
}
