import Cryptography
import IdentityContracts
import Platform
import Testing

@testable import IdentityService

@Suite struct ContactAddressTests {
  @Test(arguments: [
    ("Ayesha.Khan@Example.PK", "ayesha.khan@example.pk"), ("a+b@c.de", "a+b@c.de"),
    ("+923001234567", "+923001234567"),
  ])
  func `an address has one form`(_ text: String, _ form: String) {
    #expect(ContactAddress(text)?.text == form)
  }

  @Test(arguments: [
    "", "a", "@example.pk", "a@", "a@pk", "a b@example.pk", "a@-x.pk", ".a@x.pk", "a@x..pk",
    "+0123456789", "+12345", "+1234567890123456", "03001234567", "a@x.pk\u{0}", "ä@x.pk",
  ])
  func `what is no address is refused`(_ text: String) {
    #expect(ContactAddress(text) == nil)
  }
}

@Suite struct PasswordRuleTests {
  @Test(arguments: [
    ("correct horse battery", false), ("بہت لمبا پاس ورڈ ہے یہ", false), ("tq8#mv2z", true),
  ])
  func `a long one will do, a shorter one with a second factor`(
    _ password: String, _ hasFactor: Bool
  ) {
    #expect(PasswordRule.accepts(password, hasSecondFactor: hasFactor, known: []))
  }

  @Test(arguments: [
    "tq8#mv2z", "passwordpassword", "qwertyuiopqwertyuiop", "abcdefghijklmnop",
    "Pakistan123456789", "ayeshaayeshaayesha",
  ])
  func `a short or guessable one will not`(_ password: String) {
    #expect(!PasswordRule.accepts(password, hasSecondFactor: false, known: ["Ayesha"]))
  }
}

@Suite struct SigningKeyLifeTests {
  private let first = SigningKeyLife(
    id: UUID(high: 1, low: 1), createdAt: .zero, signsFrom: .zero, withdrawnByHandAt: nil)
  private let second = SigningKeyLife(
    id: UUID(high: 1, low: 2), createdAt: .seconds(100), signsFrom: .seconds(700),
    withdrawnByHandAt: nil)

  @Test(arguments: [
    (100, Identity.SigningKeyState.signing, Identity.SigningKeyState.published),
    (699, .signing, .published), (700, .retired, .signing), (1_304, .retired, .signing),
    (1_305, .withdrawn, .signing),
  ])
  func `keys follow each other without a gap`(
    _ second: Int, _ old: Identity.SigningKeyState, _ new: Identity.SigningKeyState
  ) {
    let keys = [first, self.second]
    #expect(first.state(among: keys, at: .seconds(second)) == old)
    #expect(self.second.state(among: keys, at: .seconds(second)) == new)
  }
}

@Suite struct PasswordHasherTests {
  @Test func `a password costs what OWASP asks for, unless a test says otherwise`() throws {
    let hasher = try PasswordHasher(random: SystemRandom())
    defer { hasher.stop() }
    #expect(hasher.cost == .owasp)
    #expect(hasher.cost.logN == 17)
    #expect(hasher.cost.r == 8)
    #expect(hasher.cost.p == 1)
  }

  @Test func `who comes when too many wait is told to come again`() async throws {
    let hasher = try PasswordHasher(
      cost: Scrypt.Cost(logN: 10, r: 8, p: 1), threadCount: 1, waitingMax: 4,
      random: SystemRandom())
    defer { hasher.stop() }
    let results = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          do {
            _ = try await hasher.check("x", against: nil)
            return true
          } catch {
            return error as? IdentityError != .overloaded(retryAfter: .seconds(2))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.contains(true))
    #expect(results.contains(false))
  }

  @Test func `who has given up is not hashed, and leaves their place to others`() async throws {
    let hasher = try PasswordHasher(threadCount: 1, waitingMax: 2, random: SystemRandom())
    defer { hasher.stop() }
    await withTaskGroup(of: Bool.self) { group in
      // One is hashed for most of a second, two wait.
      for number in 0..<3 {
        group.addTask {
          do { return try await hasher.hash("x").isEmpty } catch {
            return error is CancellationError
          }
        }
        while hasher.waitingCount < number { await Task.yield() }
      }
      group.cancelAll()
      while hasher.waitingCount > 0 { await Task.yield() }
      // Whoever waited has ended; whose hash was begun, if it was, gets it.
      let ends = await group.reduce(into: []) { $0.append($1) }
      #expect(ends.filter { $0 }.count >= 2)
    }
  }
}

@Suite struct LockoutTests {
  @Test func `a wait doubles up to a quarter of an hour, and failures are forgotten in a day`() {
    var lockout = Lockout()
    var now = Duration.seconds(1_000_000)
    var waits: [Int64] = []
    for _ in 0..<12 {
      lockout.fail(Lockout.account, at: now)
      let wait = lockout.wait(at: now) ?? .zero
      waits.append(wait.components.seconds)
      now += wait
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
    now += .seconds(86_401)
    lockout.fail(Lockout.account, at: now)
    #expect(lockout.wait(at: now) == .seconds(1))
  }

  @Test func `a clock that is set back a day locks nobody out for a day`() {
    var lockout = Lockout()
    lockout.fail(Lockout.account, at: .seconds(200_000))
    #expect(lockout.wait(at: .seconds(100_000)) == Lockout.waitMax)
  }
}
