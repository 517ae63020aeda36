import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import Wire

/// Papers of a shipment.
extension OrderHandler {
  private static let bytesMax = 10 << 20
  private static let countMax = 20

  func uploadShippingDocument(
    _ requests: RequestStream<Payments.UploadShippingDocumentRequest>, _ call: CallContext
  ) async throws -> Payments.ShippingDocument {
    let intake = FileIntake(context: context)
    var (request, file) = try await intake.read(
      requests, chunk: \.chunk, kinds: [.pdf, .jpeg, .png], bytesMax: Self.bytesMax)
    let order = try await own(request.orderId, .seller, call)
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(request.number, "number", lengthMax: 64)
    faults.text(request.fileName, "file_name", lengthMax: 200)
    if request.kind == .unspecified
      || Payments.ShippingDocumentKind.layout.name(of: request.kind.rawValue) == nil
    {
      faults.add("kind", "REQUIRED", "say what the document is")
    }
    try faults.check()
    // What makes two uploads the same is the file, not how it was cut into pieces.
    request.chunk = file.sha256
    if let answer: Payments.ShippingDocument = try await context.answered(
      request, request.id, of: Payments.OrderServiceMethods.uploadShippingDocument, call)
    {
      return answer
    }
    let actor = call.caller.actor
    let document = Payments.ShippingDocument(
      id: request.id, orderId: order.id, kind: request.kind, number: request.number,
      blob: try await intake.keep(file, name: request.fileName, by: actor))
    return try await context.base.once(
      request, request.id, of: Payments.OrderServiceMethods.uploadShippingDocument, call
    ) { session in
      var entry = try book.entry(order.id, in: session)
      guard !entry.machine.state.isTerminal else {
        throw PaymentsError.refused(.orderState, "the order has ended: it takes no more papers")
      }
      guard entry.order.documents.count < Self.countMax else {
        throw PaymentsError.refused(
          .documentRefused, "an order has at most \(Self.countMax) papers")
      }
      entry.order.documents.append(document)
      try book.save(entry, by: actor, in: session)
      return document
    }
  }

  func downloadShippingDocument(
    _ request: Payments.DownloadShippingDocumentRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ call: CallContext
  ) async throws {
    let found = try await context.database.read { session in
      try session.first("SELECT order_id FROM shipping_document WHERE id = $1", .text(request.id)) {
        (row) throws(StorageError) in try row.text(0)
      }
    }
    guard let found else { throw PaymentsError.notFound("document") }
    let order = try await visible(found, call)
    let document = order.documents.first { $0.id == request.id }
    try await FileIntake(context: context).send(document?.blob, responses)
  }
}
