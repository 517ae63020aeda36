import Platform
import RPC
import Reactor
import Testing

@testable import RPCTransport

/// Who is told that the last connection is gone.
@Suite struct ConnectionRegistryTests {
  @Test func `all who drain are told, once each, when the last connection is gone`() async {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let loop = group.next()
    let told = Lock<[String]>([])
    await loop.run {
      let registry = ConnectionRegistry(loop)
      let core = ServerCore(Router(), ServerLimits(), SystemTime()) { _ in }
      let connection = ServerConnection(core, registry)
      registry.add(connection)
      registry.drain { told.withLock { $0.append("first") } }
      registry.drain { told.withLock { $0.append("second") } }
      #expect(told.withLock { $0 } == [])
      registry.remove(connection)
      #expect(told.withLock { $0 } == ["first", "second"])
      registry.drain { told.withLock { $0.append("third") } }
      #expect(told.withLock { $0 } == ["first", "second", "third"])
    }
  }
}
