import Synchronization

/// The layouts of messages that are described at run time, such as those of a schema that was just
/// read. They refer to each other by name, in circles too.
///
/// It owns them, and none of them owns another. A layout that is taken out can be used as long as
/// this lives, which each message and each registry made with one of them sees to.
public final class DynamicLayouts: Sendable {
  // Filled once, before anyone else sees it.
  private let layouts = Mutex<[String: MessageLayout]>([:])

  /// Makes the layouts of `messages`, given by full name.
  ///
  /// - Precondition: every message that a field names is among them; numbers are unique and above 0;
  ///   map keys are integers, bools or strings. A resolved schema guarantees it.
  public init(_ messages: [(name: String, fields: [DynamicField])]) {
    for (name, fields) in messages {
      let layout = MessageLayout(dynamic: name, fields: fields, in: self)
      layouts.withLock { $0[name] = layout }
    }
  }

  /// The layout of the message of a full name.
  public subscript(name: String) -> MessageLayout? { layouts.withLock { $0[name] } }

  /// All of them, as JSON's `Any` asks for them.
  public var registry: TypeRegistry { TypeRegistry(layouts.withLock { Array($0.values) }) }

  func layout(of name: String) -> MessageLayout {
    guard let layout = self[name] else {
      preconditionFailure("\(name): a field's message must be described with the others")
    }
    return layout
  }
}
