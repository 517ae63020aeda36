internal import IdentityContracts
internal import Platform
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// The states of a verification case and what leads from one to the next:
///
///     DRAFT -> SUBMITTED -> UNDER_REVIEW -> PROPOSED -> APPROVED | REJECTED
///                 ^             |    ^---------|    overturned
///                 |     CHANGES_REQUESTED  <---|
///     any undecided -> WITHDRAWN
///
/// Each step says whether it changed anything: asked again it finds itself done.
struct CaseMachine: Sendable {
  private(set) var record: Identity.VerificationCase

  init(_ record: Identity.VerificationCase) { self.record = record }

  /// How many documents a case has at most.
  static let documentsMax = 40

  /// The states in which a company has one case, and no second.
  static let open: Set<Identity.CaseState> = [
    .draft, .submitted, .underReview, .changesRequested, .proposed,
  ]

  /// Whether the company may change facts and documents.
  var isEditable: Bool { record.state == .draft || record.state == .changesRequested }
  /// Whether it is with the officers or back with the company, not decided.
  var isOpen: Bool { Self.open.contains(record.state) }
  var isDecided: Bool { record.state == .approved || record.state == .rejected }

  private func require(_ states: Identity.CaseState...) throws(IdentityError) {
    guard states.contains(record.state) else { throw .refused(.caseState) }
  }

  // MARK: The company's steps

  mutating func setFacts(_ facts: Identity.CompanyFacts) throws(IdentityError) {
    try require(.draft, .changesRequested)
    record.facts = facts
    findMissing()
  }

  mutating func add(_ document: Identity.CaseDocument) throws(IdentityError) {
    try require(.draft, .changesRequested)
    guard record.documents.count < Self.documentsMax else { throw .refused(.documentRefused) }
    record.documents.append(document)
    findMissing()
  }

  mutating func removeDocument(_ id: String) throws(IdentityError) {
    try require(.draft, .changesRequested)
    record.documents.removeAll { $0.id == id }
    findMissing()
  }

  mutating func submit(at now: Duration) throws(IdentityError) -> Bool {
    if record.state == .submitted { return false }
    try require(.draft, .changesRequested)
    findMissing()
    guard record.missing.isEmpty else {
      throw .refused(
        .caseIncomplete, facts: ["missing": record.missing.joined(separator: ",")])
    }
    record.state = .submitted
    record.submittedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    record.changeNote = ""
    return true
  }

  mutating func withdraw() throws(IdentityError) -> Bool {
    if record.state == .withdrawn { return false }
    guard isOpen else { throw .refused(.caseState) }
    record.state = .withdrawn
    record.proposal = nil
    return true
  }

  // MARK: The officers' steps

  mutating func assign(to officer: UUID) throws(IdentityError) -> Bool {
    try require(.submitted, .underReview)
    let id = officer.description
    if record.state == .underReview, record.assigneeId == id { return false }
    record.state = .underReview
    record.assigneeId = id
    return true
  }

  /// Notes a finding; of each officer the last counts, and of all the last two.
  mutating func review(
    _ document: String, _ finding: Identity.Finding, _ note: String, by officer: UUID,
    at now: Duration
  ) throws(IdentityError) -> Bool {
    try require(.underReview, .proposed)
    guard let index = record.documents.firstIndex(where: { $0.id == document }) else {
      throw .notFound("CaseDocument")
    }
    var reviews = record.documents[index].reviews
    let mine = reviews.first { $0.reviewerId == officer.description }
    if let mine, mine.finding == finding, mine.note == note { return false }
    reviews.removeAll { $0.reviewerId == officer.description }
    reviews.append(
      Identity.DocumentReview(
        reviewerId: officer.description, finding: finding, note: note,
        reviewedAt: GoogleProtobuf.Timestamp(sinceEpoch: now)))
    record.documents[index].reviews = reviews.suffix(2)
    record.documents[index].confirmed =
      reviews.suffix(2).filter { $0.finding == .accepted }.count == 2
    findMissing()
    return true
  }

  mutating func requestChanges(_ note: String) throws(IdentityError) -> Bool {
    if record.state == .changesRequested, record.changeNote == note { return false }
    try require(.underReview, .proposed)
    record.state = .changesRequested
    record.changeNote = note
    record.proposal = nil
    return true
  }

  mutating func propose(
    _ verdict: Identity.Verdict, _ reason: String, by officer: UUID, at now: Duration
  ) throws(IdentityError) -> Bool {
    if record.state == .proposed, let proposal = record.proposal,
      proposal.officerId == officer.description, proposal.verdict == verdict,
      proposal.reason == reason
    {
      return false
    }
    try require(.underReview)
    guard record.documents.allSatisfy({ !$0.reviews.isEmpty }) else {
      throw .refused(.documentUnreviewed)
    }
    if verdict == .approve, !record.missing.isEmpty {
      throw .refused(.caseIncomplete, facts: ["missing": record.missing.joined(separator: ",")])
    }
    record.state = .proposed
    record.proposal = Identity.CaseDecision(
      officerId: officer.description, verdict: verdict, reason: reason,
      decidedAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
    record.decision = nil
    return true
  }

  /// A second officer takes or overturns the proposal.
  mutating func confirm(
    _ isAgreed: Bool, _ note: String, by officer: UUID, at now: Duration
  ) throws(IdentityError) -> Bool {
    if isDecided, isAgreed, record.decision?.officerId == officer.description { return false }
    try require(.proposed)
    guard let proposal = record.proposal else { throw .refused(.caseState) }
    guard proposal.officerId != officer.description else { throw .refused(.samePerson) }
    guard isAgreed else {
      record.state = .underReview
      record.decision = Identity.CaseDecision(
        officerId: officer.description,
        verdict: proposal.verdict == .approve ? .reject : .approve, reason: note,
        decidedAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
      record.proposal = nil
      return true
    }
    record.state = proposal.verdict == .approve ? .approved : .rejected
    record.decision = Identity.CaseDecision(
      officerId: officer.description, verdict: proposal.verdict, reason: note,
      decidedAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
    return true
  }

  private mutating func findMissing() {
    record.missing = CompanyRules.missing(
      record.facts ?? Identity.CompanyFacts(), record.documents)
  }

  // MARK: Who sees what

  /// The case as the company may see it: proposals are the officers' own until one is confirmed.
  static func companyView(_ record: Identity.VerificationCase) -> Identity.VerificationCase {
    guard record.state != .approved, record.state != .rejected else { return record }
    var shown = record
    shown.proposal = nil
    shown.decision = nil
    return shown
  }

  /// The case as events tell it: without documents and parties.
  static func eventView(_ record: Identity.VerificationCase) -> Identity.VerificationCase {
    var shown = record
    shown.documents = []
    shown.facts?.parties = []
    return shown
  }
}
