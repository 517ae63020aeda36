import RPC

/// Finds a method by the bytes of its path, without making a string of them.
struct RouteTable: Sendable {
  private struct Place: Sendable {
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
      var index = home(of: path.span)
      while places[index] != nil { index = (index + 1) & (size - 1) }
      places[index] = Place(path: path, route: route)
    }
  }

  subscript(path: Span<UInt8>) -> Route? {
    var index = home(of: path)
    while let place = places[index] {
      if place.path.span.equals(path) { return place.route }
      index = (index + 1) & (places.count - 1)
    }
    return nil
  }

  /// The table holds only our own paths, so nobody can make its chains long. Methods of a service
  /// differ in their last letters and in their length.
  private func home(of path: Span<UInt8>) -> Int {
    var hash = UInt64(truncatingIfNeeded: path.count)
    for index in max(0, path.count - 12)..<path.count {
      hash = (hash ^ UInt64(path[index])) &* 0x100_0000_01b3
    }
    return Int(truncatingIfNeeded: hash ^ hash >> 32) & (places.count - 1)
  }
}

extension Route {
  /// Whether one request and one response are all of a call.
  var isUnary: Bool { if case .unary = handler { true } else { false } }
}
