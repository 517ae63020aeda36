internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// Documents of cases: their bytes lie in the blob store, what is known of them in the case.
extension VerificationHandler {
  private static var chunkBytesMax: Int { 64 << 10 }

  func uploadCaseDocument(
    _ requests: RequestStream<Identity.UploadCaseDocumentRequest>, _ context: CallContext
  ) async throws -> Identity.CaseDocument {
    guard var first = try await requests.next() else {
      throw FieldFaults.error("id", "REQUIRED", "send what the document is before its bytes")
    }
    let (id, caseID) = try check(first)
    let caller = context.caller
    // Before bytes are taken in; the state is looked at once more when the document is added.
    try await environment.database.read { session in
      _ = try get(caseID, caller, session)
    }
    let (blob, content) = try await store(requests, first.chunk)
    // The request is the same when its bytes are: their digest stands for them.
    first.chunk = blob.sha256
    let request = first
    do {
      let document = try await environment.once(request, id: id, context) { session, origin in
        var machine = CaseMachine(try get(caseID, caller, session))
        let document = Identity.CaseDocument(
          id: id.description, caseId: request.caseId, kind: request.kind,
          partyId: request.partyId,
          blob: SaraiType.BlobInfo(
            id: blobID(blob.name), fileName: DocumentContent.safeName(request.fileName),
            mediaType: content.rawValue, sizeBytes: blob.byteCount, sha256: blob.sha256,
            uploadedAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt),
            uploadedBy: origin.actor))
        try machine.add(document)
        try CaseStore.insertDocument(id, of: caseID, blob: blob.name, session)
        _ = try save(
          machine, "case.add_document", changes: ["documents.\(id)": request.kind.name], origin,
          session)
        return document
      }
      if document.blob?.id != blobID(blob.name) { try await environment.blobs.delete(blob.name) }
      return document
    } catch let error as any RPCErrorConvertible where error is IdentityError {
      // Refused: nothing will ever name these bytes.
      try await environment.blobs.delete(blob.name)
      throw error
    }
  }

  private func check(
    _ request: Identity.UploadCaseDocumentRequest
  ) throws(RPCError) -> (id: UUID, caseID: UUID) {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let caseID = faults.id(request.caseId, "case_id")
    faults.range(request.kind.rawValue, "kind", 1...11)
    let party = faults.optionalID(request.partyId, "party_id")
    if request.kind == .identityCard, party == nil {
      faults.add("party_id", "REQUIRED", "say whose identity card it is")
    }
    faults.text(request.fileName, "file_name", lengthMax: 200)
    try faults.check()
    return (id, caseID)
  }

  /// Writes the bytes as they come, as long as they are a document's.
  private func store(
    _ requests: RequestStream<Identity.UploadCaseDocumentRequest>, _ first: [UInt8]
  ) async throws -> (Blob, DocumentContent) {
    let writer = try await environment.blobs.write(byteCountMax: DocumentContent.bytesMax)
    var head: [UInt8] = []
    var count: Int64 = 0
    func take(_ chunk: [UInt8]) async throws {
      guard chunk.count <= Self.chunkBytesMax else {
        throw FieldFaults.error("chunk", "TOO_LONG", "send at most 64 KiB at a time")
      }
      count += Int64(chunk.count)
      if head.count < DocumentContent.headBytes {
        head += chunk.prefix(DocumentContent.headBytes - head.count)
      }
      let isKnown =
        head.count < DocumentContent.headBytes || DocumentContent(head: head) != nil
      guard count <= DocumentContent.bytesMax, isKnown else {
        throw IdentityError.refused(.documentRefused)
      }
      try await writer.append(chunk)
    }
    try await take(first)
    while let request = try await requests.next() {
      var bare = request
      bare.chunk = []
      guard bare == Identity.UploadCaseDocumentRequest() else {
        throw FieldFaults.error("chunk", "ALONE", "after the first message send bytes only")
      }
      try await take(request.chunk)
    }
    guard let content = DocumentContent(head: head) else {
      throw IdentityError.refused(.documentRefused)
    }
    return (try await writer.finish(), content)
  }

  /// The contract's name of a blob: the store's 32 digits as a UUID.
  private func blobID(_ name: String) -> String {
    Hex.bytes(name).flatMap { UUID(bytes: $0) }?.description ?? name
  }

  func downloadCaseDocument(
    _ request: Identity.DownloadCaseDocumentRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ context: CallContext
  ) async throws {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    let (name, info) = try await environment.database.write { session in
      let (caseID, blob) = try CaseStore.place(of: id, session)
      let record = try get(caseID, caller, session)
      guard let blob,
        let info = record.documents.first(where: { $0.id == id.description })?.blob
      else { throw IdentityError.notFound("CaseDocument") }
      try AuditLog.add(
        "case.download_document", to: "case_document", id, in: UUID(record.organisationId),
        by: origin, session: session)
      return (blob, info)
    }
    var offset: Int64 = 0
    repeat {
      let chunk = try await environment.blobs.read(
        name, at: offset, countMax: Self.chunkBytesMax)
      guard let chunk, !chunk.isEmpty || offset == info.sizeBytes else {
        throw StorageError(.unfit, "a document's file is missing or short")
      }
      try await responses.send(
        SaraiType.BlobChunk(info: offset == 0 ? info : nil, offsetBytes: offset, chunk: chunk))
      offset += Int64(chunk.count)
    } while offset < info.sizeBytes
  }

  func removeCaseDocument(
    _ request: Identity.RemoveCaseDocumentRequest, _ context: CallContext
  ) async throws -> Identity.RemoveCaseDocumentResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    let removed = try await environment.database.write { session in
      let (caseID, blob) = try CaseStore.place(of: id, session)
      var machine = CaseMachine(try get(caseID, caller, session))
      guard let blob else { return nil as String? }
      try machine.removeDocument(id.description)
      try CaseStore.removeDocument(id, session)
      _ = try save(
        machine, "case.remove_document", changes: ["documents.\(id)": "removed"], origin, session)
      return blob
    }
    // Should this fail, the file is collected later as one without a row.
    if let removed { try? await environment.blobs.delete(removed) }
    return Identity.RemoveCaseDocumentResponse()
  }
}
