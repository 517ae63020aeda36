/// A message of an answer as it is written.
struct AnswerMessage {
  let bytes: [UInt8]
  let isCompressed: Bool

  init(_ bytes: [UInt8], isCompressed: Bool = false) {
    self.bytes = bytes
    self.isCompressed = isCompressed
  }
}
