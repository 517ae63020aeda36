internal import Platform

/// Carries requests by libcurl, each on one of a few threads of its own.
///
/// Redirects are not followed and no proxy of the environment is used: a signed request goes where it
/// was addressed to.
public final class CurlExchange: HTTPExchange {
  private struct State {
    var jobs: [Job] = []
    var isStopped = false
  }

  private struct Job: Sendable {
    let request: HTTPRequest
    let answer: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
  }

  private let state: Monitor<State>
  private let waitingMax: Int

  /// - Parameters:
  ///   - threadCount: how many requests are under way at once.
  ///   - waitingMax: how many may wait for a thread; who comes then is refused.
  ///   - bodyBytesMax: the longest body that is read of an answer.
  public init(threadCount: Int = 4, waitingMax: Int = 256, bodyBytesMax: Int = 64 << 10) {
    state = Monitor(State())
    self.waitingMax = waitingMax
    for _ in 0..<threadCount {
      Thread.start { [state] in
        let transfer = CurlTransfer(bodyBytesMax: bodyBytesMax)
        while let job = Self.next(of: state) {
          job.answer.resume(returning: transfer.run(job.request))
        }
      }
    }
  }

  private static func next(of state: Monitor<State>) -> Job? {
    state.wait { state -> Job?? in
      if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
      return state.isStopped ? .some(nil) : nil
    }
  }

  /// Has a thread send it.
  public func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    let result = await withCheckedContinuation { answer in
      let refusal = state.change(waking: .one) { state -> HTTPFailure? in
        if state.isStopped { return .notSent("the service is stopping") }
        if state.jobs.count >= waitingMax { return .notSent("too many requests wait already") }
        state.jobs.append(Job(request: request, answer: answer))
        return nil
      }
      if let refusal { answer.resume(returning: .failure(refusal)) }
    }
    return try result.get()
  }

  /// Ends the threads once they have sent what waits.
  public func stop() { state.change(waking: .all) { $0.isStopped = true } }
}
