extension CallContext {
  /// Why metadata that the service added cannot travel; all of it is taken away then. Nil if it can.
  ///
  /// - Parameters:
  ///   - initialIsSent: what was added to the initial metadata since is not sent anyway.
  ///   - byteCountMax: for both together, as HTTP counts a header.
  public func takeReplyFault(initialIsSent: Bool, byteCountMax: Int) -> String? {
    if hasNoReplyMetadata { return nil }
    let initial = initialIsSent ? Metadata() : initialMetadata
    let trailing = trailingMetadata
    let byteCount = initial.headerByteCount + trailing.headerByteCount
    let excess =
      byteCount > byteCountMax
      ? "\(byteCount) bytes of metadata, where \(byteCountMax) are allowed: send it in a message"
      : nil
    guard let fault = excess ?? initial.fault ?? trailing.fault else { return nil }
    initialMetadata = Metadata()
    trailingMetadata = Metadata()
    return fault
  }
}
