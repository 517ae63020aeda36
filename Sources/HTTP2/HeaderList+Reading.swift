extension HeaderList {
  /// The fields as text, in their order: for what carries them on in another form.
  public var entries: [(name: String, value: String)] {
    fields.map { field in
      let valueStart = Int(field.start + field.nameCount)
      return (
        String(decoding: bytes[Int(field.start)..<valueStart], as: UTF8.self),
        String(decoding: bytes[valueStart..<valueStart + Int(field.valueCount)], as: UTF8.self)
      )
    }
  }
}

extension HeaderName {
  /// Finds a name that came from elsewhere than a session.
  public init(_ name: Span<UInt8>) {
    self = unsafe name.withUnsafeBufferPointer { name in
      guard let start = name.baseAddress else { return .other }
      return unsafe HeaderName(start, count: name.count)
    }
  }
}
