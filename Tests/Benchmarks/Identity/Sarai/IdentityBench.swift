import Access
import Cryptography
import Glibc
import Platform

/// Measures what every call and every sign-in pays for knowing who it is:
///
///     identity-bench    prints `first`, `cached` and `hash` with the CPU microseconds of one
@main
struct IdentityBench {
  private static let realm = AccessToken.Realm(issuer: "https://bench.sarai.example")
  private static let now: Duration = .seconds(1_790_000_000)

  static func main() async throws {
    let random = SystemRandom()
    let key = SigningKey.generate(random)
    let keyID = UUID.version7(sinceEpoch: now, random)
    let keys = KeySet([keyID: key.publicKey])
    let verifier = TokenVerifier(realm: realm, time: ManualTime(sinceEpoch: now)) { keys }
    let tokens = (0..<5_000).map { _ in token(random).signed(by: key, named: keyID, in: realm) }
    _ = try await verifier.verify(tokens[0])

    let first = try await cpuMicroseconds(tokens.count - 1) { place in
      _ = try await verifier.verify(tokens[place + 1])
    }
    // As many callers as a service sees at a time.
    let cached = try await cpuMicroseconds(1_000_000) { place in
      _ = try await verifier.verify(tokens[tokens.count - 1 - place % 1_000])
    }
    let hash = try await cpuMicroseconds(3) { place in
      _ = try PasswordHash(of: "seven camels at dawn \(place)", cost: .owasp, random)
    }
    print("first \(first)\ncached \(cached)\nhash \(hash)")
  }

  private static func token(_ random: SystemRandom) -> AccessToken {
    func id() -> UUID { UUID.version7(sinceEpoch: now, random) }
    return AccessToken(
      .person(id(), session: id(), assurance: .twoFactors, signedInAt: now), organisation: id(),
      roles: [.owner, .seller], id: id(), at: now)
  }

  private static func cpuMicroseconds(
    _ count: Int, _ body: (Int) async throws -> Void
  ) async throws -> Double {
    let begin = clock()
    for place in 0..<count { try await body(place) }
    return Double(clock() - begin) * 1_000_000 / Double(CLOCKS_PER_SEC) / Double(count)
  }
}
