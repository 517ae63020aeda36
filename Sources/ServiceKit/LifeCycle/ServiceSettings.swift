import Access
import Glibc
import Platform
import RPCTransport
import Reactor
import Storage

/// The settings that all services have in common.
struct ServiceSettings {
  var listen: SocketAddress?
  var admin: SocketAddress?
  var database = DatabaseLocation.sqlite(path: "")
  var dataFolder = ""
  var backupFolder = ""
  var keyFile = ""
  /// Nil for cleartext.
  var tls: TLSFiles?
  var loopCount = 1
  var logLevel = Log.Level.info
  var logFormat = Log.Format.text
  var drainMax = Duration.seconds(30)
  var peers: [String: Target] = [:]
  var isDemo = false
  /// Whether peers of this machine are believed what they call themselves.
  var believesCallers = false
  var issuer = ""
  var collector: CollectorAddress?
  var traceShare = 0

  /// Asks for all of them; what is wrong is told by `settings.check()`.
  ///
  /// - Parameter isServing: whether callers come; if not, nothing need be known to tell them apart.
  init(
    _ settings: inout Settings, _ name: String, port: UInt16, peers: [ServicePeer],
    isServing: Bool
  ) {
    readAddresses(&settings, port: port)
    dataFolder = settings.text(
      "data", default: "data/\(name)", "the folder for its files, made if it is not there")
    readDatabase(&settings, name)
    isDemo = settings.flag("demo", "make demo sign-ins and the local mailbox; never in production")
    keyFile = settings.text(
      "key-file", default: "\(dataFolder)/keys",
      "the keys of the secrets that are stored, made if it is not there; keep a copy apart from"
        + " the backups")
    backupFolder = settings.text(
      "backups", default: "\(dataFolder)/backups", "the folder that backups are made in")
    readTLS(&settings, isServing: isServing)
    for peer in peers {
      let text = settings.text(
        peer.name, default: "127.0.0.1:\(peer.defaultPort)",
        "where \(peer.name) is: host:port, dns:host:port, static:address,address or unix:/path")
      do throws(TargetError) {
        self.peers[peer.name] = try Target(text)
      } catch {
        settings.refuse("`\(peer.name)` is no target: \(error)")
      }
    }
    loopCount = settings.integer(
      "loops", 1...64, default: min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      "event loops, each a thread that serves connections")
    drainMax = settings.duration(
      "drain-limit", .zero ... .seconds(600), default: .seconds(30),
      "how long calls under way may take when the service stops")
    issuer = settings.text(
      "issuer", default: "https://sarai.localhost", "who signs access tokens: their claim `iss`")
    if !issuer.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
      settings.refuse("`issuer` is printable ASCII without quotes, such as an HTTPS address")
    }
    logLevel = settings.choice("log-level", default: .info, "what the log tells")
    logFormat = settings.choice(
      "log-format", default: SystemFiles.isTerminal(STDERR_FILENO) ? .text : .json,
      "how the log is written")
    readTraces(&settings)
  }

  private mutating func readAddresses(_ settings: inout Settings, port: UInt16) {
    let host = settings.text("listen", default: "127.0.0.1", "the address that it serves on")
    let number = settings.integer("port", 0...65_535, default: Int(port), "the port; 0: any")
    listen = SocketAddress(host, port: UInt16(number))
    if listen == nil { settings.refuse("`listen` is an address in numbers, not `\(host)`") }
    let adminHost = settings.text(
      "admin-listen", default: "127.0.0.1",
      "the address of /livez, /readyz and /metrics, which ask nobody for a name")
    let adminNumber = settings.integer(
      "admin-port", 0...65_535, default: number == 0 ? 0 : min(65_535, number + 1_000),
      "the port for these; 0: any")
    admin = SocketAddress(adminHost, port: UInt16(adminNumber))
    if admin == nil { settings.refuse("`admin-listen` is an address in numbers") }
  }

  private mutating func readDatabase(_ settings: inout Settings, _ name: String) {
    let text = settings.text(
      "database", default: "sqlite:\(dataFolder)/\(name).sqlite",
      "where the data lives: sqlite:PATH or postgres://user@host/database")
    if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
      database = .sqlite(path: String(text.dropFirst(7)))
    } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
      database = .postgreSQL(address: text)
    } else {
      settings.refuse("`database` is sqlite:PATH or postgres://user@host/database")
    }
  }

  private mutating func readTLS(_ settings: inout Settings, isServing: Bool) {
    believesCallers =
      settings.flag(
        "insecure-callers",
        "without TLS, believe programs of this machine which service they say they are; --demo"
          + " implies it") || isDemo
    let files = TLSFiles(
      certificateChain: settings.optionalText(
        "certificate", "its certificate and those up to the authority (PEM)"),
      privateKey: settings.optionalText("private-key", "the certificate's key (PEM)"),
      trustedAuthorities: settings.optionalText(
        "authority", "the authority of all services' certificates (PEM)"))
    let given = [files.certificateChain, files.privateKey, files.trustedAuthorities]
    if given.allSatisfy({ $0 != nil }) {
      tls = files
    } else if given.contains(where: { $0 != nil }) {
      settings.refuse(
        "`certificate`, `private-key` and `authority` belong together: give all three")
    } else if !isServing {
      return
    } else if let listen, !listen.isLoopback {
      settings.refuse(
        "without TLS it serves this machine only: give `certificate`, `private-key` and"
          + " `authority`, or listen on 127.0.0.1")
    } else if !believesCallers {
      settings.refuse(
        "without TLS nobody is known: give `certificate`, `private-key` and `authority`, or say"
          + " `insecure-callers` or `demo` where no stranger has an account")
    }
  }

  private mutating func readTraces(_ settings: inout Settings) {
    if let text = settings.optionalText(
      "traces", "where spans are collected, OTLP over HTTP: http://host:4318")
    {
      collector = CollectorAddress(text)
      if collector == nil { settings.refuse("`traces` is http://host:port, not `\(text)`") }
    }
    traceShare = settings.integer(
      "trace-share", 0...1_000, default: 10,
      "of 1,000 traces that begin here, how many are recorded")
  }
}

extension SocketAddress {
  /// Whether only this machine can reach it.
  var isLoopback: Bool {
    port == nil || description.hasPrefix("127.") || description.hasPrefix("[::1]")
  }
}
