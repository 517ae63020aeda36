import CallTool
import RPC
import RPCContracts
import Testing
import Wire

@Suite struct StatusReportTests {
  private func text(_ error: RPCError, usesTLS: Bool = false, isGRPC: Bool = true) -> String {
    StatusReport(
      target: "127.0.0.1:7002", usesTLS: usesTLS, isGRPC: isGRPC, types: TypeRegistry()
    ).text(error)
  }

  @Test func `details are told by their types, others in hexadecimal`() throws {
    let info = SaraiRPC.ErrorInfo(reason: "STOCK_SHORT", domain: "catalog")
    let error = RPCError(
      .failedPrecondition, "not enough",
      details: [
        RPCError.Detail(
          typeURL: "type.googleapis.com/sarai.rpc.v1.ErrorInfo",
          value: try info.encoded(as: .protobuf)),
        RPCError.Detail(typeURL: "type.googleapis.com/a.B", value: [1, 0xAB]),
      ])
    #expect(
      text(error) == """
        FAILED_PRECONDITION (9): not enough
          detail: sarai.rpc.v1.ErrorInfo {"reason":"STOCK_SHORT","domain":"catalog"}
          detail: a.B 01ab (the schema does not have this type)
          tried: 127.0.0.1:7002
        """)
  }

  @Test func `each way of not reaching a service has its advice`() {
    let error = RPCError(.unavailable, "cannot connect: Connection refused")
    #expect(text(error).contains("if it wants TLS, say so with --tls"))
    #expect(text(error, usesTLS: true).contains("--ca names whose certificates are trusted"))
    let reset = RPCError(.internal, "reset")
    #expect(text(reset, isGRPC: false).contains("--protocol grpc"))
    #expect(!text(reset).contains("hint"))
  }
}
