import Foundation
import Testing

/// The style that a program can check.
@Suite struct TidyTests {
  private let repository: Repository

  init() throws { repository = try Repository() }

  @Test func `the top level has what belongs there and nothing else`() {
    let allowed: Set = [
      "Package.swift", "Sources", "Tests", "Proto", "Services", "deploy", "README.md",
    ]
    let entries = Set(
      repository.paths.compactMap { $0.split(separator: "/").first.map(String.init) })
    #expect(entries.contains("Package.swift"))
    #expect(entries.filter { !$0.hasPrefix(".") }.subtracting(allowed) == [])
  }

  // MARK: What code must not say

  @Test(arguments: [
    "try!", " as! ", "fatalError(", "Task {", "Task.detached", "nonisolated(unsafe)",
  ])
  func `sources do without`(_ phrase: String) throws {
    for file in try repository.swiftFiles(under: "Sources", "Services") {
      #expect(!file.code.contains { says($0, phrase) }, "\(file.path)")
    }
  }

  /// `Task {` begins a word: `addTask {` is another.
  private func says(_ line: Substring, _ phrase: String) -> Bool {
    line.ranges(of: phrase).contains { range in
      guard phrase.first?.isLetter == true, range.lowerBound > line.startIndex else { return true }
      return !line[line.index(before: range.lowerBound)].isLetter
    }
  }

  @Test(arguments: ["TO" + "DO", "FIX" + "ME"])
  func `nothing is left to be done later`(_ word: String) throws {
    for file in try repository.swiftFiles(under: "Sources", "Services", "Tests") {
      #expect(!file.text.contains(word), "\(file.path)")
    }
  }

  @Test(arguments: [
    "Wire", "SchemaCompiler", "Platform", "Reactor", "HTTP1", "HTTP2", "RPC", "RPCTransport",
    "LoadTest", "ServiceKit", "Storage", "Cryptography", "Access",
  ])
  func `what every service links does without Foundation`(_ module: String) throws {
    let files = try repository.swiftFiles(under: "Sources/\(module)")
    #expect(!files.isEmpty)
    for file in files {
      #expect(!file.code.contains { $0.contains("import Foundation") }, "\(file.path)")
    }
  }

  // MARK: What code may say in few places

  @Test func `unsafe code stands only where it is expected`() throws {
    let places = [
      // The codec: bounded readers and writers over raw memory, and the memory that layouts describe.
      "Sources/Wire/Binary/", "Sources/Wire/Native/", "Sources/Wire/Protobuf/",
      "Sources/Wire/JSON/", "Sources/Wire/Layout/", "Sources/Wire/Dynamic/",
      "Sources/Wire/Message.swift", "Sources/Wire/WireWriter.swift",
      // C: OpenSSL's digests, ciphers and keys, the C library's files.
      "Sources/Access/KeyFile.swift",
      "Sources/Cryptography/Bytes+Secret.swift", "Sources/Cryptography/HMAC.swift",
      "Sources/Cryptography/PublicKey.swift", "Sources/Cryptography/SHA256.swift",
      "Sources/Cryptography/SHA256Stream.swift",
      "Sources/Cryptography/Scrypt.swift", "Sources/Cryptography/SealingKey.swift",
      "Sources/Cryptography/SigningKey.swift",
      "Sources/Wire/CanonicalDigest.swift", "Sources/Terminal/FileSystem.swift",
      // The C library: a lock, clocks, sockets, epoll, threads; OpenSSL's TLS.
      "Sources/Platform/Lock.swift", "Sources/Platform/Monitor.swift",
      "Sources/Platform/RandomSource.swift", "Sources/Platform/Thread.swift",
      "Sources/Platform/TimeSource.swift",
      "Sources/Reactor/Connection.swift", "Sources/Reactor/EventLoop+Connect.swift",
      "Sources/Reactor/EventLoop.swift", "Sources/Reactor/IOBuffer.swift",
      "Sources/Reactor/Listener.swift", "Sources/Reactor/NameResolver.swift",
      "Sources/Reactor/Poller.swift", "Sources/Reactor/Socket.swift",
      "Sources/Reactor/SocketAddress.swift", "Sources/Reactor/TLSContext.swift",
      "Sources/Reactor/TLSSession.swift",
      // nghttp2, and the memory of header fields and streams that its callbacks fill.
      "Sources/HTTP2/FreePieces.swift", "Sources/HTTP2/GoAway.swift",
      "Sources/HTTP2/HTTP2Session+Handling.swift", "Sources/HTTP2/HTTP2Session+Headers.swift",
      "Sources/HTTP2/HTTP2Session+Sending.swift", "Sources/HTTP2/HTTP2Session.swift",
      "Sources/HTTP2/HeaderArena.swift", "Sources/HTTP2/HeaderList+NameValues.swift",
      "Sources/HTTP2/HeaderList+Reading.swift", "Sources/HTTP2/HeaderList.swift",
      "Sources/HTTP2/HeaderName.swift", "Sources/HTTP2/SessionCallbacks.swift",
      "Sources/HTTP2/SessionMemory.swift", "Sources/HTTP2/SessionState.swift",
      "Sources/HTTP2/StreamTable.swift",
      // zlib; bytes taken over from a span, which this standard library has no call for.
      "Sources/RPCTransport/Protocol/Gzip.swift", "Sources/RPCTransport/Protocol/Envelope.swift",
      "Sources/RPCTransport/Protocol/CallForm.swift",
      "Sources/RPCTransport/Server/RequestHead.swift",
      "Sources/RPCTransport/Server/ServerConnection.swift",
      // libcurl; the sockets of the simulator.
      "Sources/HTTPClient/CurlTransfer.swift",
      "Sources/provider-simulator/ProviderSimulatorCommand.swift",
      "Sources/provider-simulator/SimulatorServer.swift",
      // SQLite, libpq, the C library's files.
      "Sources/Storage/SQLite/", "Sources/Storage/PostgreSQL/", "Sources/Storage/FileLock.swift",
      "Sources/Storage/Files/",
      "Sources/ServiceKit/Logging/DescriptorSink.swift", "Sources/ServiceKit/System/",
      // Only the word, among those that Swift keeps for itself.
      "Sources/SchemaCompiler/Generate/SwiftName.swift",
    ]
    for file in try repository.swiftFiles(under: "Sources", "Services")
    where file.code.contains(where: { $0.contains(/\bunsafe\b|\bUnsafe/) }) {
      #expect(places.contains { file.path.hasPrefix($0) }, "\(file.path)")
    }
  }

  @Test func `sendability is asserted only where listed, with the reason beside it`() throws {
    let listed = [
      "Sources/Wire/Layout/MessageLayout.swift", "Sources/Wire/Dynamic/DynamicMessage.swift",
      "Sources/LoadTest/Drive/LoadDriver.swift",
      // The locks that make things Sendable.
      "Sources/Platform/Lock.swift", "Sources/Platform/Monitor.swift",
      // What belongs to one loop and checks it.
      "Sources/Reactor/EventLoop.swift", "Sources/Reactor/EventLoopGroup.swift",
      "Sources/Reactor/Connection.swift", "Sources/Reactor/TimerQueue.swift",
      "Sources/RPCTransport/Server/ServerCall.swift",
      "Sources/RPCTransport/Server/ConnectionRegistry.swift",
      "Sources/RPCTransport/Server/UnaryRunner.swift",
      "Sources/RPCTransport/Server/Turnstile.swift",
      "Sources/RPCTransport/Client/ClientCall.swift",
      "Sources/RPCTransport/Client/ClientConnection.swift",
      // A worker that belongs to its thread.
      "Sources/Storage/DatabaseWorker.swift", "Sources/Storage/SQLite/SQLiteBackup.swift",
      // OpenSSL's objects that nothing changes any more.
      "Sources/Reactor/TLSContext.swift", "Sources/Cryptography/PublicKey.swift",
      "Sources/Cryptography/SigningKey.swift",
    ]
    for file in try repository.swiftFiles(under: "Sources", "Services") {
      for (index, line) in file.code.enumerated() where line.contains("@unchecked Sendable") {
        #expect(listed.contains(file.path), "\(file.path)")
        let near = file.lines[max(0, index - 3)...min(index + 3, file.lines.count - 1)]
        #expect(near.contains { $0.contains("// ") }, "\(file.path):\(index + 1) gives no reason")
      }
    }
  }

  @Test func `files are short`() throws {
    for file in try repository.swiftFiles(under: "Sources", "Services", "Tests") {
      #expect(file.lines.count <= 401, "\(file.path)")
    }
  }

  // MARK: Form

  @Test func `sources end with a newline and have no tabs`() throws {
    for file in try repository.swiftFiles(under: "Sources", "Services", "Tests") {
      #expect(file.text.hasSuffix("\n"), "\(file.path)")
      #expect(!file.text.contains("\t"), "\(file.path)")
    }
  }

  @Test func `the commands of the README exist`() throws {
    let manifest = try repository.file("Package.swift").text
    for command in try shellLines(of: "README.md") {
      let words = command.split(separator: " ").map(String.init)
      let script = Repository.root.appending(path: words[0]).path
      if words[0].hasPrefix("deploy/") {
        #expect(FileManager.default.isExecutableFile(atPath: script), "\(command)")
      } else if words[0] == "schemac" {
        #expect(manifest.contains(#".executable(name: "schemac""#), "\(command)")
      } else if words.starts(with: ["swift", "run"]),
        let product = words.dropFirst(2).first(where: { !$0.hasPrefix("-") })
      {
        #expect(manifest.contains("\"\(product)\""), "\(command)")
      }
    }
  }

  private func shellLines(of path: String) throws -> [Substring] {
    var inShell = false
    return try repository.file(path).lines.filter { line in
      if line.hasPrefix("```") {
        inShell = line == "```sh"
        return false
      }
      return inShell && !line.isEmpty && !line.hasPrefix("#")
    }
  }
}
