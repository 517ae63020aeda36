/// The text forms of `google.protobuf.Timestamp` (RFC 3339) and `google.protobuf.Duration`.
enum JSONTime {
  /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970.
  static let timestampSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  /// About 10,000 years either way.
  static let durationSeconds: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

  // MARK: Timestamp

  /// - Returns: nil when the time is outside the years 1 to 9999, or the nanoseconds are no
  ///   fraction of a second.
  static func timestamp(seconds: Int64, nanos: Int32) -> String? {
    guard timestampSeconds.contains(seconds), (0..<1_000_000_000).contains(nanos) else {
      return nil
    }
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let second = seconds - day * 86_400
    let (year, month, dayOfMonth) = civil(day: day)
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T"
      + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":"
      + padded(second % 60, 2) + fraction(nanos) + "Z"
  }

  /// Reads a time with an offset: `2026-11-23T21:40:06.5+05:00`.
  static func timestamp(_ text: String) -> (seconds: Int64, nanos: Int32)? {
    var units = Array(text.utf8)[...]
    guard let year = digits(4, &units), take("-", &units), let month = digits(2, &units),
      take("-", &units), let day = digits(2, &units), take("T", &units),
      let hour = digits(2, &units), take(":", &units), let minute = digits(2, &units),
      take(":", &units), let second = digits(2, &units), let nanos = fraction(&units),
      year >= 1, (1...12).contains(month), (1...daysIn(month, year)).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var offset: Int64 = 0
    if !take("Z", &units) {
      let isWest = units.first == UInt8(ascii: "-")
      guard isWest || units.first == UInt8(ascii: "+") else { return nil }
      units.removeFirst()
      guard let hours = digits(2, &units), take(":", &units), let minutes = digits(2, &units),
        hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
    let seconds =
      days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
      - offset
    guard units.isEmpty, timestampSeconds.contains(seconds) else { return nil }
    return (seconds, nanos)
  }

  // MARK: Duration

  /// - Returns: nil when out of range, or when seconds and nanoseconds have different signs.
  static func duration(seconds: Int64, nanos: Int32) -> String? {
    guard durationSeconds.contains(seconds), (-999_999_999...999_999_999).contains(nanos),
      seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    else { return nil }
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return sign + String(seconds.magnitude) + fraction(Int32(nanos.magnitude)) + "s"
  }

  /// Reads seconds with a fraction: `-1.5s`.
  static func duration(_ text: String) -> (seconds: Int64, nanos: Int32)? {
    var units = Array(text.utf8)[...]
    let isNegative = take("-", &units)
    let whole = units.prefix { isDigit($0) }
    guard !whole.isEmpty, whole.count <= 12, let seconds = digits(whole.count, &units),
      let nanos = fraction(&units), take("s", &units), units.isEmpty,
      durationSeconds.contains(seconds)
    else { return nil }
    return isNegative ? (-seconds, -nanos) : (seconds, nanos)
  }

  // MARK: Pieces

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Nothing, or a point and 3, 6 or 9 digits.
  private static func fraction(_ nanos: Int32) -> String {
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + padded(Int64(nanos / 1_000_000), 3) }
    if nanos % 1_000 == 0 { return "." + padded(Int64(nanos / 1_000), 6) }
    return "." + padded(Int64(nanos), 9)
  }

  /// Takes a point and 1 to 9 digits, if they are there.
  private static func fraction(_ units: inout ArraySlice<UInt8>) -> Int32? {
    guard take(".", &units) else { return 0 }
    let digits = units.prefix { isDigit($0) }
    guard (1...9).contains(digits.count), let value = self.digits(digits.count, &units) else {
      return nil
    }
    return Int32((digits.count..<9).reduce(value) { scaled, _ in scaled * 10 })
  }

  private static func digits(_ count: Int, _ units: inout ArraySlice<UInt8>) -> Int64? {
    guard units.count >= count, units.prefix(count).allSatisfy(isDigit) else { return nil }
    let value = units.prefix(count).reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    units.removeFirst(count)
    return value
  }

  private static func isDigit(_ unit: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(unit)
  }

  private static func take(_ scalar: Unicode.Scalar, _ units: inout ArraySlice<UInt8>) -> Bool {
    guard units.first == UInt8(ascii: scalar) else { return false }
    units.removeFirst()
    return true
  }

  private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 of a day in the proleptic Gregorian calendar, counted in years that
  /// begin in March, so that the leap day is a year's last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leapDays = shifted / 4 - shifted / 100 + shifted / 400
    return shifted * 365 + leapDays + dayOfYear - 719_468
  }

  private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // A first guess at the year is at most one too high.
    var year = (day + 719_468) * 400 / 146_097 + 1
    while days(year: year, month: 3, day: 1) > day { year -= 1 }
    let dayOfYear = day - days(year: year, month: 3, day: 1)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    return monthFromMarch < 10
      ? (year, monthFromMarch + 3, dayOfMonth) : (year + 1, monthFromMarch - 9, dayOfMonth)
  }
}
