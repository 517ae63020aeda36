internal import IdentityContracts
internal import RPC
internal import ServiceKit
internal import TypeContracts

/// What a company declares of itself: the form of each fact, and what its legal form demands.
enum CompanyRules {
  private static let partiesMax = 30
  private static let shareMax: Int32 = 10_000

  // MARK: Form

  /// Fields of the facts that an update may name.
  private static let fields:
    [String: @Sendable (Identity.CompanyFacts, inout Identity.CompanyFacts) -> Void] = [
      "legal_name": { $1.legalName = $0.legalName },
      "legal_form": { $1.legalForm = $0.legalForm },
      "registration_number": { $1.registrationNumber = $0.registrationNumber },
      "registered_on": { $1.registeredOn = $0.registeredOn },
      "national_tax_number": { $1.nationalTaxNumber = $0.nationalTaxNumber },
      "sales_tax_number": { $1.salesTaxNumber = $0.salesTaxNumber },
      "address": { $1.address = $0.address }, "parties": { $1.parties = $0.parties },
      "women_led": { $1.womenLed = $0.womenLed }, "youth_led": { $1.youthLed = $0.youthLed },
    ]

  /// Takes over the facts that an update names.
  /// - Throws: `invalidArgument` for a mask or facts that break a rule.
  static func update(
    _ facts: Identity.CompanyFacts, to wanted: Identity.CompanyFacts, _ paths: [String]
  ) throws(RPCError) -> Identity.CompanyFacts {
    var faults = FieldFaults()
    if paths.isEmpty { faults.add("update_mask", "REQUIRED", "name the facts to change") }
    var updated = facts
    for path in paths {
      if let copy = fields[path] {
        copy(wanted, &updated)
      } else {
        faults.add("update_mask", "PATH_UNKNOWN", "\(path.prefix(100)) is no fact to be changed")
      }
    }
    try faults.check()
    try check(updated)
    return updated
  }

  /// Checks the form of whatever is there; what is missing may come later.
  static func check(_ facts: Identity.CompanyFacts) throws(RPCError) {
    var faults = FieldFaults()
    faults.text(facts.legalName, "facts.legal_name", lengthMax: 200)
    if !(0...8 ~= facts.legalForm.rawValue) {
      faults.add("facts.legal_form", "UNKNOWN", "give a legal form of the list")
    }
    func number(_ text: String, _ field: String, _ form: String, _ isGood: (String) -> Bool) {
      if !text.isEmpty, !isGood(text) { faults.add("facts.\(field)", "MALFORMED", form) }
    }
    number(
      facts.registrationNumber, "registration_number", RegisterNumber.registrationForm,
      RegisterNumber.isRegistration)
    number(
      facts.nationalTaxNumber, "national_tax_number", RegisterNumber.nationalTaxForm,
      RegisterNumber.isNationalTax)
    number(
      facts.salesTaxNumber, "sales_tax_number", RegisterNumber.salesTaxForm,
      RegisterNumber.isSalesTax)
    if let day = facts.registeredOn, !day.exists {
      faults.add("facts.registered_on", "NO_SUCH_DAY", "give a day of the calendar")
    }
    if let address = facts.address { PostalRules.check(address, "facts.address", &faults) }
    faults.range(facts.parties.count, "facts.parties", 0...partiesMax)
    for (index, party) in facts.parties.prefix(partiesMax).enumerated() {
      check(party, "facts.parties[\(index)]", &faults)
    }
    if Set(facts.parties.map(\.id)).count != facts.parties.count {
      faults.add("facts.parties", "ID_TWICE", "give each party an id of its own")
    }
    let shares = facts.parties.reduce(0) { $0 + Int64(max(0, $1.shareBasisPoints)) }
    if shares > Int64(shareMax) {
      faults.add("facts.parties", "SHARES", "the shares make more than the whole, 10,000")
    }
    try faults.check()
  }

  private static func check(
    _ party: Identity.CompanyParty, _ field: String, _ faults: inout FieldFaults
  ) {
    _ = faults.id(party.id, "\(field).id")
    _ = faults.optionalID(party.personId, "\(field).person_id")
    if !(0...4 ~= party.role.rawValue) {
      faults.add("\(field).role", "UNKNOWN", "give a role of the list")
    }
    faults.text(party.fullName, "\(field).full_name", lengthMax: 120)
    if !party.cnic.isEmpty, !RegisterNumber.isCNIC(party.cnic) {
      faults.add("\(field).cnic", "MALFORMED", RegisterNumber.cnicForm)
    }
    faults.text(party.passportNumber, "\(field).passport_number", lengthMax: 20)
    if !party.nationalityCode.isEmpty, !PostalRules.isCountry(party.nationalityCode) {
      faults.add("\(field).nationality_code", "NOT_ISO_3166", "give two capital letters, as PK")
    }
    if let day = party.bornOn, !day.exists {
      faults.add("\(field).born_on", "NO_SUCH_DAY", "give a day of the calendar")
    }
    faults.range(party.shareBasisPoints, "\(field).share_basis_points", 0...shareMax)
  }

  // MARK: What is demanded

  /// What is still missing before a case can be handed in: paths in the facts, and kinds of document.
  static func missing(
    _ facts: Identity.CompanyFacts, _ documents: [Identity.CaseDocument]
  ) -> [String] {
    var missing: [String] = []
    func demand(_ path: String, _ isThere: Bool) { if !isThere { missing.append(path) } }
    let form = facts.legalForm
    let isRegistered = form != .soleProprietor
    demand("legal_name", !facts.legalName.isEmpty)
    demand("legal_form", form != .unspecified)
    if isRegistered {
      demand("registration_number", !facts.registrationNumber.isEmpty)
      demand("registered_on", facts.registeredOn != nil)
    }
    if form != .foreign { demand("national_tax_number", !facts.nationalTaxNumber.isEmpty) }
    demand("address", facts.address != nil)
    demand("parties", !facts.parties.isEmpty)
    for (index, party) in facts.parties.enumerated() {
      demand("parties[\(index)].role", party.role != .unspecified)
      demand("parties[\(index)].full_name", !party.fullName.isEmpty)
      demand("parties[\(index)].nationality_code", !party.nationalityCode.isEmpty)
      if party.nationalityCode == "PK" {
        demand("parties[\(index)].cnic", !party.cnic.isEmpty)
      } else {
        demand("parties[\(index)].passport_number", !party.passportNumber.isEmpty)
      }
      demand("parties[\(index)].born_on", party.bornOn != nil)
    }
    // A document that an officer did not take has to come again.
    let good = documents.filter { $0.reviews.allSatisfy { $0.finding == .accepted } }
    for kind in demandedKinds(facts) {
      demand("documents.\(kind.name)", good.contains { $0.kind == kind })
    }
    let known = Set(good.filter { $0.kind == .identityCard }.map(\.partyId))
    if facts.parties.contains(where: { !known.contains($0.id) }) || facts.parties.isEmpty {
      missing.append("documents.IDENTITY_CARD")
    }
    return missing
  }

  /// The company's own documents that its legal form demands.
  private static func demandedKinds(_ facts: Identity.CompanyFacts) -> [Identity.DocumentKind] {
    var kinds: [Identity.DocumentKind] = [.addressProof]
    if facts.legalForm != .soleProprietor { kinds.append(.registrationCertificate) }
    if facts.legalForm != .foreign { kinds.append(.taxCertificate) }
    if !facts.salesTaxNumber.isEmpty { kinds.append(.salesTaxCertificate) }
    switch facts.legalForm {
    case .partnership, .limitedLiabilityPartnership: kinds.append(.partnershipDeed)
    case .privateLimited, .publicLimited, .singleMemberCompany: kinds.append(.memorandum)
    default: break
    }
    return kinds
  }
}

extension SaraiType.CalendarDate {
  /// Whether the Gregorian calendar has the day, from 1900 on.
  var exists: Bool {
    guard 1_900...9_999 ~= year, 1...12 ~= month else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days: [Int32] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return 1...days[Int(month) - 1] ~= day
  }
}
