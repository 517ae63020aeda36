import Storage

extension Metrics {
  /// Adds what a database counts.
  func addDatabase(_ database: Database) {
    gauge("sarai_database_writable", "Whether the database takes writes: 1 or 0.") {
      database.writability == .writable ? 1 : 0
    }
    sampled(
      "sarai_database_waiting", "Transactions that wait for a thread.", .gauge, labels: ["access"]
    ) {
      let statistics = database.statistics
      return [
        (["write"], Double(statistics.writesWaiting)), (["read"], Double(statistics.readsWaiting)),
      ]
    }
    sampled(
      "sarai_database_events_total", "What went wrong with the database, and connections made.",
      .counter, labels: ["event"]
    ) {
      let statistics = database.statistics
      return [
        (["conflict"], statistics.conflictCount), (["connect"], statistics.connectCount),
        (["failed_connect"], statistics.failedConnectCount),
        (["refused"], statistics.refusedCount), (["failed_commit"], statistics.failedCommitCount),
      ].map { ($0.0, Double($0.1)) }
    }
    steps(
      "sarai_database_commit_seconds", "From a durable commit's beginning to the disk.",
      per: 1_000_000
    ) { database.statistics.commitMicroseconds }
    steps(
      "sarai_database_commit_transactions", "How many transactions a durable commit held.", per: 1
    ) { database.statistics.groupSizes }
  }

  /// A histogram that the database keeps.
  private func steps(
    _ name: String, _ help: String, per unit: Double, _ read: @escaping @Sendable () -> StepCounts
  ) {
    add(name, help, "histogram") { text in
      let steps = read()
      var total = 0
      for (index, count) in steps.counts.enumerated() {
        total += count
        let end =
          index < steps.bounds.count
          ? MetricText.number(Double(steps.bounds[index]) / unit) : "+Inf"
        text += "\(name)_bucket{le=\"\(end)\"} \(total)\n"
      }
      text += "\(name)_sum \(MetricText.number(Double(steps.sum) / unit))\n"
      text += "\(name)_count \(total)\n"
    }
  }
}
