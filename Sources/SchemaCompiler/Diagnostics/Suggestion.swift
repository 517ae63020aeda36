/// Finds what a misspelt name probably meant.
public enum Suggestion {
  /// Longer names are not compared: the cost grows with the square of the length.
  private static let nameBytesMax = 80
  private static let candidatesMax = 4_000

  /// The candidate nearest to `name`, if one is near enough to be worth naming.
  public static func nearest(
    to name: String, among candidates: some Sequence<String>
  ) -> String? {
    let target = Array(name.utf8)
    guard target.count <= nameBytesMax else { return nil }
    let limit = max(1, target.count / 3)
    var best: (distance: Int, name: String)?
    for candidate in candidates.prefix(candidatesMax) {
      let bytes = Array(candidate.utf8)
      guard abs(bytes.count - target.count) <= limit else { continue }
      let found = distance(target, bytes)
      guard found <= limit else { continue }
      if let best, (best.distance, best.name) <= (found, candidate) { continue }
      best = (found, candidate)
    }
    return best?.name
  }

  /// Levenshtein's distance, letters compared without case.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substituted = diagonal + (lowercased(a) == lowercased(b) ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
  }
}
