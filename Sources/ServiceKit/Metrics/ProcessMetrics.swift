import Platform

extension Metrics {
  /// Adds what everybody wants to know of a process.
  func addProcess(_ service: String, startedAt: Duration) {
    gauge("process_resident_memory_bytes", "Memory in use.") {
      Double(ProcessUse.residentBytes)
    }
    sampled("process_cpu_seconds_total", "Time of processors used.", .counter) {
      [([], ProcessUse.processorSeconds)]
    }
    gauge("process_start_time_seconds", "When the process started, since 1970.") {
      Double(startedAt.nanoseconds) / 1_000_000_000
    }
    sampled(
      "sarai_build_info", "What runs here.", .gauge, labels: ["service", "version"]
    ) { [([service, SuiteVersion.text], 1)] }
  }
}
