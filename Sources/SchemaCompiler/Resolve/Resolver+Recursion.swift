extension Resolver {
  /// Marks the fields through which a message would hold itself by value.
  ///
  /// Those are the singular message fields, members of oneofs among them, whose type lies in the same
  /// strongly connected component as the message itself; lists and maps are references anyway.
  func markRecursion(in files: inout [SchemaFile]) {
    let messages = files.flatMap(\.allMessages)
    let index = Dictionary(
      messages.enumerated().map { ($1.fullName, $0) }, uniquingKeysWith: { first, _ in first })
    let edges = messages.map { message in
      message.fields.compactMap { field -> Int? in
        guard field.isHeldByValue, case .message(let target) = field.type else { return nil }
        return index[target]
      }
    }
    let components = StronglyConnectedComponents(of: edges).component
    for position in files.indices {
      mark(&files[position].messages) { from, to in
        guard let from = index[from], let to = index[to] else { return false }
        return components[from] == components[to]
      }
    }
  }

  private func mark(_ messages: inout [MessageType], _ isCircle: (String, String) -> Bool) {
    for position in messages.indices {
      let name = messages[position].fullName
      for place in messages[position].fields.indices {
        let field = messages[position].fields[place]
        guard field.isHeldByValue, case .message(let target) = field.type else { continue }
        messages[position].fields[place].isRecursive = isCircle(name, target)
      }
      mark(&messages[position].messages, isCircle)
    }
  }
}

extension Field {
  fileprivate var isHeldByValue: Bool { cardinality != .repeated && !isMap }
}

/// Tarjan's algorithm, without recursion: a schema may chain as many types as it likes.
private struct StronglyConnectedComponents {
  /// The component of each node.
  private(set) var component: [Int]

  init(of edges: [[Int]]) {
    component = Array(repeating: -1, count: edges.count)
    var order = Array(repeating: -1, count: edges.count)
    var lowest = order
    var open: [Int] = []
    var counter = 0
    var components = 0
    for root in edges.indices where order[root] < 0 {
      var path = [(node: root, next: 0)]
      while let (node, next) = path.last {
        if next == 0 {
          order[node] = counter
          lowest[node] = counter
          counter += 1
          open.append(node)
        }
        if next < edges[node].count {
          path[path.count - 1].next += 1
          let target = edges[node][next]
          if order[target] < 0 {
            path.append((target, 0))
          } else if component[target] < 0 {
            lowest[node] = min(lowest[node], order[target])
          }
          continue
        }
        path.removeLast()
        if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
        guard lowest[node] == order[node] else { continue }
        while let member = open.popLast() {
          component[member] = components
          if member == node { break }
        }
        components += 1
      }
    }
  }
}
