/// Why an answer cannot be sent as asked: a mistake of the handler. Nothing was written.
public enum HTTP1WriteError: String, Error, Hashable, Sendable, CustomStringConvertible {
  case noRequest = "There is no request to answer."
  case headAlreadySent = "The head of this answer has been sent already."
  case headNotSent = "Send the head of the answer first."
  case invalidStatus = "The status of an answer is a number from 200 to 599."
  case invalidFieldName = "A field's name is made of letters, digits and !#$%&'*+-.^_`|~ alone."
  case invalidFieldValue =
    "A field's value has no control characters, and no blanks at its beginning or end."
  case reservedField =
    "Framing fields are written by the connection: say it by `body` or `closeAfterAnswer`."
  case bodyNotAllowed = "An answer with status 204 has no body."
  case bodyTooLong = "This would send more than the content length said."
  case bodyTooShort = "The content length said more than was sent: send it, or `abort`."
  case trailersNotAllowed = "Trailers need a chunked body."

  /// What the handler should do instead.
  public var description: String { rawValue }
}
