/// What the admin port says.
struct AdminAnswer: Sendable {
  var status = 200
  var contentType = "text/plain; charset=utf-8"
  var body: String

  static func text(_ status: Int, _ body: String) -> AdminAnswer {
    AdminAnswer(status: status, body: body + "\n")
  }
}
