/// The version of the suite: all of its programs are released together.
public enum SuiteVersion {
  /// As `--version` and the logs tell it.
  public static let text = "0.4.0"
}
