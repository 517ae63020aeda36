import RPC

/// Finds a method by the bytes of its path, without making a string of them.
struct RouteTable: Sendable {
  private struct Place: Sendable {
    var hash: UInt64
    var path: [UInt8]
    var route: Route
  }

  private var places: [Place?]

  init(_ router: Router) {
    let routes = Array(router.all)
    var size = 8
    while size < routes.count * 2 { size *= 2 }
    places = Array(repeating: nil, count: size)
    for route in routes {
      let path = Array(route.method.path.utf8)
      let hash = Self.hash(path.span)
      var index = Int(truncatingIfNeeded: hash) & (size - 1)
      while places[index] != nil { index = (index + 1) & (size - 1) }
      places[index] = Place(hash: hash, path: path, route: route)
    }
  }

  subscript(path: Span<UInt8>) -> Route? {
    let hash = Self.hash(path)
    var index = Int(truncatingIfNeeded: hash) & (places.count - 1)
    while let place = places[index] {
      if place.hash == hash, place.path.count == path.count,
        path.indices.allSatisfy({ path[$0] == place.path[$0] })
      {
        return place.route
      }
      index = (index + 1) & (places.count - 1)
    }
    return nil
  }

  /// FNV-1a. The table holds only our own paths, so nobody can make its chains long.
  private static func hash(_ path: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in path.indices { hash = (hash ^ UInt64(path[index])) &* 0x100_0000_01b3 }
    return hash ^ hash >> 32
  }
}

extension Route {
  /// Whether one request and one response are all of a call.
  var isUnary: Bool { if case .unary = handler { true } else { false } }
}
