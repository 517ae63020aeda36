/// What the reactor bounds, each with its reason.
public enum ReactorLimits {
  /// Bytes read from a socket at once: a full frame of HTTP/2, or a record of TLS.
  static let readBytesMax = 16 << 10
  /// A peer that has sent more is read further while the turn is younger than this, then in the next
  /// one. Content passes at 10 GB/s and more; it is thousands of tiny frames or requests that take
  /// their time, and they must not keep the others waiting.
  static let readTimeMax: Duration = .microseconds(100)
  /// Reads from a socket in one turn: what the kernel holds for a fast peer comes in few turns.
  static let readsPerTurnMax = 4
  /// Bytes gathered for one write. Larger writes save no further system calls that matter.
  static let writeBytesMax = 128 << 10
  /// Writes of a connection in one turn of its loop; what is left comes in the next one, so that who
  /// reads much does not keep the others waiting. So much takes a fifth of a millisecond.
  static let writesPerTurnMax = 2
  /// When a turn's events take longer, what is to be sent is sent between them; when its tasks do,
  /// the rest of them comes in the next turn. Usual ones take a tenth of it.
  static let turnMax: Duration = .microseconds(500)
  /// Connections accepted in one turn of a loop, so that a flood of them does not starve the calls.
  static let acceptsPerTurnMax = 64
  /// How long nothing is accepted after the system was out of descriptors or memory for it.
  static let acceptPause: Duration = .milliseconds(100)
  /// Connections that wait in the kernel to be accepted, listen(2).
  static let backlogMax: Int32 = 1024
  /// How long what the peer still sends is read and dropped after the last was written: closing at
  /// once would make the kernel reset the connection, and the peer lose our last words.
  static let lingerMax: Duration = .seconds(1)
  /// A TLS handshake that has not ended by then was never going to: a slow phone needs 3 s.
  static let handshakeMax: Duration = .seconds(10)
}
