import HTTP2
import Platform
import RPC
import Reactor

/// What stands still, and what is given up for it.
extension HTTP2ServerConnection {
  /// Gives up the calls whose answers the peer lets stand; the connection, if there are no others.
  func checkWindows(_ now: MonotonicTime) -> String? {
    let limit = server.limits.windowStallMax
    let streams = session.streamsHeldBack(
      longerThan: limit.nanoseconds, now: now.nanoseconds)
    if streams.isEmpty { return nil }
    let reason = "its flow control let nothing through for \(limit)"
    if streams.count == session.openStreamCount { return reason }
    server.observe(.callsReset(peer: peer.address, count: streams.count, reason: reason))
    for stream in streams {
      session.reset(
        stream: stream, errorCode: HTTP2ErrorCode.enhanceYourCalm, isPeersFault: true)
    }
    connection.flushSoon()
    return nil
  }

  /// Gives up the calls whose messages have room and stop midway: others would wait for ever.
  func checkMessages(_ now: MonotonicTime) {
    let limit = server.limits.messageStallMax
    let stalled = session.attachments.compactMap { $0 as? ServerCall }
      .filter { $0.isStalled(longerThan: limit, now: now) }
    if stalled.isEmpty { return }
    let reason = "nothing more came of a message within \(limit)"
    server.observe(.callsReset(peer: peer.address, count: stalled.count, reason: reason))
    for call in stalled { call.fail(RPCError(.aborted, "\(reason): send it without a pause")) }
  }
}
