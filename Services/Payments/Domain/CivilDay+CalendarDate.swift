import TypeContracts

extension CivilDay {
  /// A day of a message; nil if there is no such day from 1900 to 9999.
  init?(_ day: SaraiType.CalendarDate) {
    guard (1_900...9_999).contains(day.year), (1...12).contains(day.month),
      (1...31).contains(day.day)
    else { return nil }
    self.init(year: Int64(day.year), month: Int64(day.month), day: Int64(day.day))
    // The 31st of a short month is a day of the next.
    guard date.day == Int64(day.day) else { return nil }
  }

  /// When the day ends in UTC, since 1970.
  var endSinceEpoch: Duration { .seconds((number + 1) * 86_400) }
}
