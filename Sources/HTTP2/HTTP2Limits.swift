/// Every bound of a session, with its reason.
///
/// A count may be reached; the session ends when it is passed.
public struct HTTP2Limits: Sendable {
  /// Limits that suit a service.
  public init() {}

  // MARK: Told to the peer

  /// Requests at a time. 100 is what RFC 9113 section 6.5.2 names as the least that does not hinder
  /// parallelism; a stream that was cancelled counts until its handler has ended.
  public var concurrentStreamsMax = 100
  /// Header fields of one block, decompressed, as RFC 9113 section 6.5.2 counts them (32 more a
  /// field). Twice what gRPC peers allow by default (8 KiB), so that tokens of many claims pass.
  public var headerListBytesMax = 16 * 1024
  /// Header fields of one block at which the connection ends: the peer was told the limit, and each
  /// further byte costs us four times what it costs the peer.
  public var headerListBytesEnd = 64 * 1024
  /// Header fields that one `receive` leaves, of all blocks, decompressed: 100 requests with
  /// trailers make 3.2 MiB, which a server's interim responses could pass without end.
  public var pendingHeaderBytesMax = 4 * 1024 * 1024
  /// Unread content of a stream, of which all 100 make 6.25 MiB: HTTP/2's own default, which peers
  /// use until they have read our SETTINGS. It fills 5 Gbit/s at 0.1 ms of round trip.
  public var streamWindowBytes = 65_535
  /// Content of a connection under way at a time: 80 Gbit/s at 0.1 ms of round trip, 160 Mbit/s at
  /// 50 ms.
  public var connectionWindowBytes = 1024 * 1024

  // MARK: What a peer may do (CVE in brackets)

  /// The time over which resets and control frames are counted.
  public var countedNanoseconds: Int64 = 30_000_000_000
  /// Streams reset by either side within the time (2023-44487 rapid reset, 2025-8671 MadeYouReset).
  /// A person who leaves a page cancels tens of calls; an attack needs thousands a second.
  public var resetsMax = 200
  /// Whether resets are bounded: not for peers with a certificate of ours, since a gateway that
  /// hedges cancels 1,000 calls a second.
  public var boundsResets = true
  /// Frames that are wrong but need not end the connection; a correct peer sends none.
  public var glitchesMax = 200
  /// CONTINUATION frames of one block (2024-27316): 16 KiB of fields fit into one frame already.
  public var continuationsMax = 8
  /// DATA frames in a row without content nor end (2019-9518).
  public var emptyDataMax = 2
  /// PRIORITY frames for each stream, and for the connection (2019-9513).
  public var prioritiesPerStreamMax = 100
  /// WINDOW_UPDATE frames for each DATA frame that we sent and each stream opened: two are
  /// needed (stream and connection), eager readers of small pieces send more.
  public var windowUpdatesPerDataMax = 10
  /// WINDOW_UPDATE frames allowed before any stream, as when windows are opened at the start.
  public var windowUpdatesBase = 100
  /// PING, SETTINGS and PRIORITY frames within the time (2019-9512, 2019-9515): 333 a second, a
  /// hundred times what a keep-alive needs.
  public var controlFramesMax = 10_000
  /// Answers to PING and SETTINGS that wait because the peer does not read.
  public var outboundAcknowledgementsMax = 1000
  /// Entries of one SETTINGS frame; 6 are defined, some peers add GREASE.
  public var settingsEntriesMax = 32

  // MARK: What we queue

  /// Queued bytes of a stream at which `send` says: wait.
  public var outputHighWaterBytes = 64 * 1024
  /// Queued bytes of a stream at which a writer that waits may go on: two DATA frames, so that
  /// the connection has work while the writer wakes.
  public var outputLowWaterBytes = 32 * 1024
}

/// A limit that a peer can pass.
public enum HTTP2Limit: UInt8, Sendable, CaseIterable {
  /// `resetsMax`
  case resets
  /// `glitchesMax`
  case glitches
  /// `continuationsMax`
  case continuations
  /// `emptyDataMax`
  case emptyData
  /// `prioritiesPerStreamMax`
  case priorities
  /// `windowUpdatesPerDataMax`
  case windowUpdates
  /// `controlFramesMax`
  case controlFrames
  /// `headerListBytesEnd` or `pendingHeaderBytesMax`
  case headerList
  /// `outboundAcknowledgementsMax`
  case outboundAcknowledgements

  /// What the GOAWAY says.
  public var debugText: StaticString {
    switch self {
    case .resets: "too many stream resets"
    case .glitches: "too many malformed frames"
    case .continuations: "too many CONTINUATION frames"
    case .emptyData: "too many empty DATA frames"
    case .priorities: "too many PRIORITY frames"
    case .windowUpdates: "too many WINDOW_UPDATE frames"
    case .controlFrames: "too many PING, SETTINGS and PRIORITY frames"
    case .headerList: "header fields far beyond the announced size"
    case .outboundAcknowledgements: "too many unread acknowledgements"
    }
  }
}
