import Access
import Cryptography
import Platform
import Testing

@Suite struct TokenVerifierTests {
  private struct Unreachable: Error {}

  /// Identity, as far as the verifier sees it.
  private final class Source: Sendable {
    let asked = Lock(0)
    let answer: Lock<KeySet?>

    init(_ answer: KeySet?) { self.answer = Lock(answer) }

    func keys() throws -> KeySet {
      asked.withLock { $0 += 1 }
      guard let keys = answer.withLock({ $0 }) else { throw Unreachable() }
      return keys
    }

    var count: Int { asked.withLock { $0 } }
  }

  private let samples = TokenSamples()
  private let time: ManualTime
  private let source: Source
  private let verifier: TokenVerifier

  init() {
    time = ManualTime(sinceEpoch: samples.now)
    let source = Source(samples.keys)
    self.source = source
    verifier = TokenVerifier(realm: samples.realm, time: time) { try source.keys() }
  }

  private func fault(_ text: String) async -> TokenFault? {
    do {
      _ = try await verifier.verify(text)
      return nil
    } catch {
      return error
    }
  }

  @Test func `keys are asked for once, whatever comes`() async {
    for _ in 0..<10 { #expect(await fault(samples.text(samples.token(.owner))) == nil) }
    #expect(source.count == 1)
  }

  @Test func `a remembered token ends in its time`() async {
    let text = samples.text(samples.token(.owner))
    #expect(await fault(text) == nil)
    time.advance(by: .seconds(604))
    #expect(await fault(text) == nil)
    time.advance(by: .seconds(1))
    #expect(await fault(text) == .expired)
  }

  @Test func `a session's tokens are refused from its end on, remembered or new`() async {
    let remembered = samples.text(samples.token(.owner))
    #expect(await fault(remembered) == nil)
    verifier.revoke(samples.session)
    #expect(await fault(remembered) == .revoked)
    #expect(await fault(samples.text(samples.token(.buyer))) == .revoked)
    time.advance(by: .seconds(500))
    #expect(await fault(remembered) == .revoked)
    #expect(await fault(samples.text(samples.keyToken(["catalog.stock.read"]))) == nil)
  }

  @Test func `an API key's tokens are refused from its end on`() async {
    let text = samples.text(samples.keyToken(["catalog.stock.read"]))
    #expect(await fault(text) == nil)
    verifier.revoke(samples.apiKey)
    #expect(await fault(text) == .revoked)
  }

  @Test func `a withdrawn key is not taken back from a list that is behind`() async {
    let text = samples.text(samples.token(.owner))
    #expect(await fault(text) == nil)
    verifier.withdraw(key: samples.keyID)
    #expect(await fault(text) != nil)
    time.advance(by: .seconds(10))
    #expect(await fault(text) == .keyUnknown)
    #expect(source.count == 2)
  }

  @Test func `a new key is fetched when a token names it, but not at everyone's whim`() async {
    #expect(await fault(samples.text(samples.token())) == nil)
    let new = SigningKey.generate(samples.random)
    let text = samples.token().signed(by: new, named: samples.apiKey, in: samples.realm)
    #expect(await fault(text) == .keyUnknown)
    time.advance(by: .seconds(2))
    for _ in 0..<100 { #expect(await fault(text) == .keyUnknown) }
    #expect(source.count == 2)
    source.answer.withLock {
      $0 = KeySet([samples.keyID: samples.key.publicKey, samples.apiKey: new.publicKey])
    }
    time.advance(by: .seconds(2))
    #expect(await fault(text) == nil)
    #expect(source.count == 3)
  }

  @Test func `keys are fetched anew after five minutes, and serve an hour without`() async {
    func check(at seconds: Int64) async -> TokenFault? {
      let later = samples.token(.owner, at: samples.now + .seconds(seconds))
      return await fault(samples.text(later))
    }
    #expect(await check(at: 0) == nil)
    source.answer.withLock { $0 = nil }
    time.advance(by: .seconds(299))
    #expect(await check(at: 299) == nil)
    #expect(source.count == 1)
    time.advance(by: .seconds(1))
    #expect(await check(at: 300) == nil)
    #expect(source.count == 2)
    time.advance(by: .seconds(3_299))
    #expect(await check(at: 3_599) == nil)
    time.advance(by: .seconds(1))
    #expect(await check(at: 3_600) == .keysUnavailable)
    source.answer.withLock { $0 = samples.keys }
    time.advance(by: .seconds(2))
    #expect(await check(at: 3_602) == nil)
  }

  @Test func `without identity no token is taken`() async {
    source.answer.withLock { $0 = nil }
    #expect(await fault(samples.text(samples.token(.owner))) == .keysUnavailable)
    #expect(await fault(samples.text(samples.token(.owner))) == .keysUnavailable)
    #expect(source.count == 1)
  }

  @Test func `many at once ask once and are all answered`() async {
    let texts = (0..<50).map { _ in samples.text(samples.token(.owner)) }
    let faults = await withTaskGroup(of: TokenFault?.self) { group in
      for text in texts { group.addTask { await fault(text) } }
      var faults: [TokenFault?] = []
      for await fault in group { faults.append(fault) }
      return faults
    }
    #expect(faults.count == 50 && faults.allSatisfy { $0 == nil })
    #expect(source.count == 1)
  }

  @Test func `memory is bounded, and a forgotten token is verified again`() async {
    let first = samples.text(samples.token(.owner))
    #expect(await fault(first) == nil)
    for _ in 0..<100 { #expect(await fault(samples.text(samples.token(.viewer))) == nil) }
    #expect(await fault(first) == nil)
  }
}
