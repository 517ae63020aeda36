/// What waits for a file descriptor to become ready.
protocol Watcher: AnyObject {
  /// The descriptor is ready; called on the loop's thread.
  func becameReady(_ readiness: Readiness)

  /// The loop ends: closes the descriptor and stops watching.
  func loopEnds()
}

/// Who waits for which token. A token holds a place and how often the place was used before, so
/// that an event for a descriptor that has gone finds nobody, not the place's next user.
struct WatcherTable {
  private struct Place {
    var watcher: (any Watcher)?
    var uses: UInt32 = 0
  }

  private var places: [Place] = []
  private var free: [UInt32] = []

  var isEmpty: Bool { places.count == free.count }

  /// All watchers, in no order of meaning.
  var all: [any Watcher] { places.compactMap(\.watcher) }

  subscript(token: UInt64) -> (any Watcher)? {
    let place = places[Int(UInt32(truncatingIfNeeded: token))]
    return place.uses == UInt32(truncatingIfNeeded: token >> 32) ? place.watcher : nil
  }

  mutating func add(_ watcher: any Watcher) -> UInt64 {
    let index: UInt32
    if let last = free.popLast() {
      index = last
    } else {
      index = UInt32(places.count)
      places.append(Place())
    }
    places[Int(index)].watcher = watcher
    return UInt64(places[Int(index)].uses) << 32 | UInt64(index)
  }

  mutating func remove(_ token: UInt64) {
    let index = UInt32(truncatingIfNeeded: token)
    places[Int(index)].watcher = nil
    // The last use is left out, so that no token equals the poller's own.
    places[Int(index)].uses = (places[Int(index)].uses + 1) & 0x7fff_ffff
    free.append(index)
  }
}
