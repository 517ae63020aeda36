import Platform

/// A moment as a date and a time of day in UTC.
struct CivilTime {
  private let year: Int64
  private let month: Int64
  private let day: Int64
  private let millisecondOfDay: Int64

  init(sinceEpoch: Duration) {
    let milliseconds = sinceEpoch.nanoseconds / 1_000_000
    let days = Self.floor(milliseconds, 86_400_000)
    millisecondOfDay = milliseconds - days * 86_400_000
    // The calendar repeats every 400 years, which have 146,097 days. Counted from the 1st of March
    // of a year 0, leap days come last in their year.
    let shifted = days + 719_468
    let era = Self.floor(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Five months from March on have 153 days together.
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
  }

  /// `2026-11-24T12:34:56.789Z`, RFC 3339.
  var text: String { "\(year)-\(two(month))-\(two(day))T\(timeOfDay)Z" }

  /// `12:34:56.789`
  var timeOfDay: String {
    let seconds = millisecondOfDay / 1_000
    let milliseconds = "\(1_000 + millisecondOfDay % 1_000)".dropFirst()
    return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(milliseconds)"
  }

  private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
