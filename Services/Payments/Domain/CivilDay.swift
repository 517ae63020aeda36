/// A day of the Gregorian calendar, counted from 1970-01-01.
struct CivilDay: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  let number: Int64

  init(number: Int64) { self.number = number }

  /// The day of a date that exists.
  init(year: Int64, month: Int64, day: Int64) {
    // Counted from March, leap days come last in their year; 400 years have 146,097 days.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = era * 146_097 + dayOfEra - 719_468
  }

  /// Year, month and day.
  var date: (year: Int64, month: Int64, day: Int64) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1
    )
  }

  static func < (left: CivilDay, right: CivilDay) -> Bool { left.number < right.number }
}

/// Instants as texts.
enum InstantText {
  /// `2026-11-25T04:05:06.123456Z`, RFC 3339, of microseconds since 1970.
  static func rfc3339(_ instant: Int64) -> String {
    let days = (instant >= 0 ? instant : instant - 86_399_999_999) / 86_400_000_000
    let rest = instant - days * 86_400_000_000
    let (year, month, day) = CivilDay(number: days).date
    let seconds = rest / 1_000_000
    let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(two)
    let micro = "\(1_000_000 + rest % 1_000_000)".dropFirst()
    return "\(year)-\(two(month))-\(two(day))T\(time.joined(separator: ":")).\(micro)Z"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
