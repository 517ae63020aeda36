import Access
import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import StorageTesting
import Testing
import TypeContracts
import Wire

@testable import PaymentsService

@Suite struct DisputeTests {
  private func open(
    _ house: TradeHouse, _ order: Payments.Order, claimed: Int64
  ) async throws -> Payments.Dispute {
    try await house.disputes(house.buying).openDispute(
      Payments.OpenDisputeRequest(
        id: house.newID(), orderId: order.id, reason: .damaged,
        claimed: SaraiType.Money(minorUnits: claimed, currencyCode: "PKR"), account: "wet"))
  }

  @Test(arguments: Engine.allCases, [0, 30_001, 100_000] as [Int64])
  func `two people decide, and the money goes as they say`(
    _ engine: Engine, _ refund: Int64
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let order = try await house.shipped()
      let dispute = try await open(house, order, claimed: 50_000)
      let blocked = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).confirmReceipt(
          Payments.ConfirmReceiptRequest(id: order.id))
      }
      #expect(blocked?.info?.reason == "DISPUTE_OPEN")
      _ = try await house.disputes(house.selling).answerDispute(
        Payments.AnswerDisputeRequest(id: dispute.id, contested: true, account: "it was dry"))
      let proposal = Payments.ProposeDisputeOutcomeRequest(
        id: dispute.id, refund: SaraiType.Money(minorUnits: refund, currencyCode: "PKR"),
        reason: "pictures show it")
      _ = try await house.disputes(house.maker).proposeDisputeOutcome(proposal)
      let confirmation = Payments.ConfirmDisputeOutcomeRequest(id: dispute.id, agreed: true)
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.disputes(house.maker).confirmDisputeOutcome(confirmation)
      }
      #expect(error?.info?.reason == "SAME_PERSON")
      let decided = try await house.disputes(house.checker).confirmDisputeOutcome(confirmation)
      #expect(decided.state == .decided)
      #expect(decided.outcome?.checkerId == house.checker.actorID)
      #expect(decided.outcome?.makerId == house.maker.actorID)
      #expect(
        try await house.disputes(house.checker).confirmDisputeOutcome(confirmation) == decided)
      let ended = try await house.order(order.id)
      #expect(ended.state == (refund == 100_000 ? .refunded : .settled))
      #expect(try await house.escrow(of: order) == 0)
      #expect(try await house.balance(house.buyerAccount) == 900_000 + refund)
      let fee = (100_000 - refund) * 2_500 / 100_000
      #expect(try await house.balance(house.sellerAccount) == 100_000 - refund - fee)
    }
  }

  @Test func `a seller who gives what is claimed ends the dispute`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.shipped()
      let dispute = try await open(house, order, claimed: 50_000)
      let settled = try await house.disputes(house.selling).answerDispute(
        Payments.AnswerDisputeRequest(
          id: dispute.id, agreed: SaraiType.Money(minorUnits: 50_000, currencyCode: "PKR"),
          account: "sorry"))
      #expect(settled.state == .settled)
      #expect(settled.outcome?.makerId == "")
      #expect(try await house.escrow(of: order) == 0)
      #expect(try await house.balance(house.buyerAccount) == 950_000)
    }
  }

  @Test func `a dispute that is withdrawn pays the seller`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.shipped()
      let dispute = try await open(house, order, claimed: 50_000)
      let ended = try await house.disputes(house.buying).withdrawDispute(
        Payments.WithdrawDisputeRequest(id: dispute.id))
      #expect(ended.state == .withdrawn)
      #expect(try await house.order(order.id).state == .settled)
      #expect(try await house.escrow(of: order) == 0)
    }
  }

  @Test func `silence counts as contesting, and evidence is taken until its day`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.shipped()
      let dispute = try await open(house, order, claimed: 50_000)
      try await house.pass(house.context.settings.answerWithin)
      let client = house.disputes(house.buying)
      #expect(
        try await client.getDispute(Payments.GetDisputeRequest(id: dispute.id)).state == .evidence)
      @Sendable func upload() async throws -> Payments.Evidence {
        try await client.uploadEvidence { writer in
          try await writer.send(
            Payments.UploadEvidenceRequest(
              id: house.newID(), disputeId: dispute.id, note: "the box", fileName: "box.jpg",
              chunk: [0xFF, 0xD8, 0xFF, 0xE0]))
        }
      }
      let evidence = try await upload()
      #expect(evidence.side == .buyer)
      #expect(
        try await client.getDispute(Payments.GetDisputeRequest(id: dispute.id)).evidence
          == [evidence])
      try await house.pass(.seconds(10 * 86_400))
      let error = await #expect(throws: RPCError.self) { _ = try await upload() }
      #expect(error?.info?.reason == "EVIDENCE_LATE")
    }
  }

  @Test(arguments: Engine.allCases)
  func `refunds take two people and never exceed what was captured`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let order = try await house.settled()
      func create(_ amount: Int64) async throws -> Payments.Refund {
        try await house.disputes(house.maker).createRefund(
          Payments.CreateRefundRequest(
            id: house.newID(), orderId: order.id,
            amount: SaraiType.Money(minorUnits: amount, currencyCode: "PKR"), reason: "goodwill"))
      }
      let refund = try await create(60_000)
      let tooHigh = await #expect(throws: RPCError.self) { _ = try await create(40_001) }
      #expect(tooHigh?.info?.reason == "REFUND_TOO_HIGH")
      #expect(tooHigh?.info?.metadata["refundable"] == "40000")
      let approval = Payments.ApproveRefundRequest(id: refund.id)
      let same = await #expect(throws: RPCError.self) {
        _ = try await house.disputes(house.maker).approveRefund(approval)
      }
      #expect(same?.info?.reason == "SAME_PERSON")
      let done = try await house.disputes(house.checker).approveRefund(approval)
      #expect(done.state == .done && done.transferIds.count == 1)
      #expect(try await house.disputes(house.checker).approveRefund(approval) == done)
      #expect(try await house.balance(house.buyerAccount) == 960_000)
      #expect(try await house.order(order.id).refunded?.minorUnits == 60_000)
      let second = try await create(40_000)
      let rejected = try await house.disputes(house.checker).rejectRefund(
        Payments.RejectRefundRequest(id: second.id, reason: "no"))
      #expect(rejected.state == .rejected)
      // The seller has 37,500 left: more cannot come from there.
      let third = try await create(40_000)
      let short = await #expect(throws: RPCError.self) {
        _ = try await house.disputes(house.checker).approveRefund(
          Payments.ApproveRefundRequest(id: third.id))
      }
      #expect(short?.info?.reason == "FUNDS_SHORT")
    }
  }
}
