import Glibc
import HTTPClient
import Platform
import ProviderSimulator
import Storage
import Terminal

/// `provider-simulator`: a payment provider to run payments against, which misbehaves on demand.
@main
struct ProviderSimulatorCommand {
  static let help = """
    usage: provider-simulator --secret-file FILE [options]

    A payment provider to run the service payments against. It takes signed payments and inquiries
    over HTTP/1.1, keeps a durable list of all money that it moved, and calls back.

      --secret-file FILE   the 32 to 64 bytes shared with payments (SetProviderSecret)
      --port PORT          where to listen on 127.0.0.1; 0, the default, lets the system choose
      --list FILE          where the list is kept; provider-simulator.sqlite by default
      --behaviour NAME     the same for all payments, or `chance`; without it the last two digits of
                           an amount choose: 01 refuse, 02 late, ... in the order below
      --callback-url URL   where call-backs go; none are made without it
      --show               prints what moved, one line each, and ends

    behaviours: \(Behaviour.allCases.map(\.rawValue).joined(separator: ", "))

    """

  static func main() async {
    do throws(CommandFailure) {
      try await run(CommandLine.arguments.dropFirst())
    } catch {
      switch error {
      case .help(let text): print(text, terminator: "")
      default:
        say(error.message)
        exit(error.exitCode.rawValue)
      }
    }
  }

  private static func run(_ words: ArraySlice<String>) async throws(CommandFailure) {
    let arguments = try Arguments(
      words,
      options: ["--secret-file", "--port", "--list", "--behaviour", "--callback-url"],
      flags: ["--show"], help: help)
    let list = try arguments.optional("--list") ?? "provider-simulator.sqlite"
    let isShowing = arguments.has("--show")
    let secret =
      isShowing ? [] : try FileSystem.read(try arguments.required("--secret-file"))
    guard isShowing || (32...64).contains(secret.count) else {
      throw .usage("the secret must be 32 to 64 bytes long")
    }
    let portText = try arguments.optional("--port") ?? "0"
    guard let port = UInt16(portText) else { throw .usage("`--port` needs a number up to 65535") }
    let exchange = CurlExchange()
    let callbacks = try arguments.optional("--callback-url").map {
      SimulatedProvider.CallbackTarget(url: $0, exchange: exchange)
    }
    let provider: SimulatedProvider
    do {
      provider = try await SimulatedProvider(
        at: .sqlite(path: list), secret: secret, plan: try plan(arguments),
        callbacks: callbacks, time: SystemTime(), random: SystemRandom())
    } catch {
      throw .usage("\(error)")
    }
    if isShowing {
      for movement in (try? await provider.movements()) ?? [] {
        print(movement.paymentID, movement.amount, movement.currencyCode, movement.account)
      }
      return await provider.stop()
    }
    guard let server = SimulatorServer(port: port) else {
      throw .usage("cannot listen on port \(port): choose another")
    }
    say("provider-simulator listens on http://127.0.0.1:\(server.port)")
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await server.serve(provider) }
      let time = SystemTime()
      while !Task.isCancelled {
        do {
          try await provider.runDue()
        } catch {
          say("provider-simulator: \(error)")
        }
        await time.sleep(until: time.now() + .milliseconds(200))
      }
    }
  }

  private static func plan(
    _ arguments: Arguments
  ) throws(CommandFailure) -> SimulatedProvider.Plan {
    guard let name = try arguments.optional("--behaviour") else { return .magicAmounts }
    if name == "chance" { return .chance }
    guard let behaviour = Behaviour(rawValue: name) else {
      throw .usage("there is no behaviour `\(name)`\n\n\(help)")
    }
    return .always(behaviour)
  }

  static func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
