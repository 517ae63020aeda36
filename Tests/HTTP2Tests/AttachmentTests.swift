import HTTP2
import Testing

/// What the application keeps with a stream.
@Suite struct AttachmentTests {
  private final class Thing {}

  @Test func `an attachment outlives its stream until the handler has ended`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders), .headers(3))
    weak let kept = try attach(to: 1, of: server.session)
    try server.session.receive(Frame.reset(1).bytes.span, now: 0)
    server.session.clearEvents()
    #expect(server.session.attachment(of: 1) === kept)
    #expect(server.session.attachment(of: 3) == nil)
    #expect(server.session.attachments.count == 1)
    server.session.handlerEnded(stream: 1)
    #expect(kept == nil)
    #expect(server.session.attachments.isEmpty)
  }

  @Test func `an attachment goes with the handler, though the answer is still to be sent`() throws {
    let server = try rawServer()
    try server.session.receive(Frame.headers(1).bytes.span, now: 0)
    server.session.clearEvents()
    weak let kept = try attach(to: 1, of: server.session)
    server.session.submitResponse(stream: 1, headers: okHeaders, body: [1], end: true)
    #expect(kept != nil)
    server.session.handlerEnded(stream: 1)
    #expect(kept == nil)
    #expect(server.session.openStreamCount == 1)
  }

  @Test func `attachments end with their session`() throws {
    weak var kept: Thing?
    do {
      let server = try rawServer()
      server.receive(.headers(1, flags: Frame.endHeaders))
      kept = try attach(to: 1, of: server.session)
      #expect(kept != nil)
    }
    #expect(kept == nil)
  }

  private func attach(to stream: Int32, of session: HTTP2Session) throws -> Thing {
    let thing = Thing()
    session.attach(thing, to: stream)
    return thing
  }
}
