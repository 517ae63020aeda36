/// How long sessions, and what belongs to them, last.
enum SessionLife {
  /// A device that the person gave a name is one they come back to: it is remembered.
  struct Span: Sendable, Hashable {
    /// Ends unless used within this.
    let idle: Duration
    /// Ends at the latest after this.
    let absolute: Duration
  }

  /// The spans of a session.
  static func span(deviceLabel: String) -> Span {
    deviceLabel.isEmpty
      ? Span(idle: .seconds(30 * 60), absolute: .seconds(12 * 3_600))
      : Span(idle: .seconds(30 * 86_400), absolute: .seconds(90 * 86_400))
  }

  /// When a session that is used now ends unless it is used again.
  static func idleEnd(deviceLabel: String, at now: Duration, absoluteEnd: Duration) -> Duration {
    min(now + span(deviceLabel: deviceLabel).idle, absoluteEnd)
  }

  /// How long the second factor is waited for.
  static let signIn: Duration = .seconds(300)
  /// How many wrong second factors end a sign-in.
  static let signInTriesMax: Int64 = 5
  /// How long a step-up lasts.
  static let stepUp: Duration = .seconds(300)
  /// How long a lost answer of Refresh can be asked for again.
  static let refreshRepeat: Duration = .seconds(60)
  /// How long ended sessions are shown.
  static let shownAfterEnd: Duration = .seconds(30 * 86_400)
}
