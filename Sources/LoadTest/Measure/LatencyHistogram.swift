/// How often each latency was seen, to three significant digits, in memory that never grows.
///
/// Buckets are log-linear, as in Gil Tene's HdrHistogram: every power of two is divided into 1,024
/// equal buckets, so a bucket is at most 0.1 % of the values in it. Values are nanoseconds; what
/// lies above an hour counts as an hour.
public struct LatencyHistogram: Sendable, Equatable {
  /// The longest latency that is told from longer ones: an hour.
  public static let nanosecondsMax: Int64 = 3_600_000_000_000

  /// Buckets per power of two; above 1,000, for three significant digits.
  private static let bucketsPerOctave = 1 << octaveBits
  private static let octaveBits = 10
  private static let bucketCount = bucket(of: nanosecondsMax) + 1

  private var counts = [UInt64](repeating: 0, count: bucketCount)
  /// How many values were recorded.
  public private(set) var count: UInt64 = 0
  /// The highest value, exactly; 0 if there is none.
  public private(set) var max: Int64 = 0
  /// The lowest value, exactly; 0 if there is none.
  public private(set) var min: Int64 = 0
  /// The sum of all values: 2^63 ns are 292 years of waiting, so it is kept as floating point.
  private var sum: Double = 0

  /// An empty histogram.
  public init() {}

  /// The mean in nanoseconds; 0 if nothing was recorded.
  public var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// Counts one latency in nanoseconds.
  @inline(__always)
  public mutating func record(_ nanoseconds: Int64) { record(nanoseconds, times: 1) }

  /// Counts a latency in nanoseconds several times.
  public mutating func record(_ nanoseconds: Int64, times: UInt64) {
    guard times > 0 else { return }
    let value = Swift.min(Swift.max(nanoseconds, 0), Self.nanosecondsMax)
    counts[Self.bucket(of: value)] += times
    min = count == 0 ? value : Swift.min(min, value)
    max = Swift.max(max, value)
    count += times
    sum += Double(value) * Double(times)
  }

  /// Adds what another histogram counted.
  public mutating func merge(_ other: LatencyHistogram) {
    guard other.count > 0 else { return }
    for bucket in Self.bucket(of: other.min)...Self.bucket(of: other.max) {
      counts[bucket] += other.counts[bucket]
    }
    min = count == 0 ? other.min : Swift.min(min, other.min)
    max = Swift.max(max, other.max)
    count += other.count
    sum += other.sum
  }

  /// Forgets everything and keeps the memory.
  public mutating func reset() {
    guard count > 0 else { return }
    for bucket in Self.bucket(of: min)...Self.bucket(of: max) { counts[bucket] = 0 }
    (count, min, max, sum) = (0, 0, 0, 0)
  }

  /// The latency in nanoseconds that `percent` of all values do not exceed (nearest rank).
  ///
  /// It is the upper end of its bucket: at most 0.1 % too high, never too low.
  public func percentile(_ percent: Double) -> Int64 {
    guard count > 0 else { return 0 }
    let rank = UInt64((Double(count) * percent / 100).rounded(.up))
    let wanted = Swift.min(Swift.max(rank, 1), count)
    var seen: UInt64 = 0
    for bucket in Self.bucket(of: min)...Self.bucket(of: max) {
      seen += counts[bucket]
      if seen >= wanted { return Swift.min(Self.upperEnd(of: bucket), max) }
    }
    return max
  }

  // MARK: Buckets

  /// Each bucket that holds something: its upper end in nanoseconds, and how many values it has.
  public var occupied: [(nanoseconds: Int64, count: UInt64)] {
    guard count > 0 else { return [] }
    return (Self.bucket(of: min)...Self.bucket(of: max)).compactMap { bucket in
      counts[bucket] == 0
        ? nil : (Swift.min(Self.upperEnd(of: bucket), max), counts[bucket])
    }
  }

  /// Values below 2,048 have a bucket each; above, 1,024 buckets share each power of two.
  private static func bucket(of value: Int64) -> Int {
    let octave = Swift.max(0, 63 - octaveBits - (value | 1).leadingZeroBitCount)
    return octave << octaveBits + Int(value >> Int64(octave))
  }

  private static func upperEnd(of bucket: Int) -> Int64 {
    let octave = Swift.max(0, bucket >> octaveBits - 1)
    let step = Int64(bucket - octave << octaveBits)
    return (step + 1) << Int64(octave) - 1
  }
}
