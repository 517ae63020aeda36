import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts

/// What proves a side's word.
extension DisputeHandler {
  private static let bytesMax = 20 << 20
  private static let countMax = 40

  func uploadEvidence(
    _ requests: RequestStream<Payments.UploadEvidenceRequest>, _ call: CallContext
  ) async throws -> Payments.Evidence {
    let intake = FileIntake(context: context)
    var (request, file) = try await intake.read(
      requests, chunk: \.chunk, kinds: [.pdf, .jpeg, .png, .mp4], bytesMax: Self.bytesMax)
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(request.note, "note", lengthMax: 1_000, isParagraph: true)
    faults.text(request.fileName, "file_name", lengthMax: 200)
    try faults.check()
    let caller = call.caller
    let disputeID = request.disputeId
    let sides = try await context.database.read { session in
      try book.sides(of: disputeID, in: session)
    }
    try caller.requireEither(sides.buyer, sides.seller)
    request.chunk = file.sha256
    if let answer: Payments.Evidence = try await context.answered(
      request, request.id, of: Payments.DisputeServiceMethods.uploadEvidence, call)
    {
      return answer
    }
    let evidence = Payments.Evidence(
      id: request.id, disputeId: disputeID,
      side: caller.organisationID?.description == sides.buyer ? .buyer : .seller,
      note: request.note,
      blob: try await intake.keep(file, name: request.fileName, by: caller.actor))
    return try await context.base.once(
      request, request.id, of: Payments.DisputeServiceMethods.uploadEvidence, call
    ) { session in
      guard try book.find(disputeID, in: session).evidence.count < Self.countMax else {
        throw PaymentsError.refused(
          .documentRefused, "a dispute has at most \(Self.countMax) pieces of evidence")
      }
      try book.apply(.evidenceBrought, to: disputeID, by: caller.actor, in: session) {
        $0.evidence.append(evidence)
      }
      try session.execute(
        "INSERT INTO dispute_evidence (id, dispute_id) VALUES ($1, $2)", .text(evidence.id),
        .text(disputeID))
      return evidence
    }
  }

  func downloadEvidence(
    _ request: Payments.DownloadEvidenceRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ call: CallContext
  ) async throws {
    let id = try await context.database.read { session in
      try session.first(
        "SELECT dispute_id FROM dispute_evidence WHERE id = $1", .text(request.id)
      ) { (row) throws(StorageError) in try row.text(0) }
    }
    guard let id else { throw PaymentsError.notFound("evidence") }
    let dispute = try await getDispute(Payments.GetDisputeRequest(id: id), call)
    let evidence = dispute.evidence.first { $0.id == request.id }
    try await FileIntake(context: context).send(evidence?.blob, responses)
  }
}
