internal import IdentityContracts
internal import RPC
internal import ServiceKit
internal import TypeContracts

/// What an organisation says of itself: the rules of its fields, and which of them may change when.
enum OrganisationProfile {
  /// Fields that a verified company changes only through a new case.
  static let locked: Set<String> = [
    "legal_name", "legal_form", "registration_number", "national_tax_number", "women_led",
    "youth_led",
  ]

  private static let sectorsMax = 5
  private static let hsCodesMax = 20
  private static let urlBytesMax = 500
  private static let employeesMax: Int32 = 10_000_000

  /// One field that a client may set: how it is taken over, and how it is shown in the audit log.
  struct Field: Sendable {
    let copy: @Sendable (Identity.Organisation, inout Identity.Organisation) -> Void
    let isEqual: @Sendable (Identity.Organisation, Identity.Organisation) -> Bool

    init<Value: Equatable & SendableMetatype>(
      _ path: any WritableKeyPath<Identity.Organisation, Value> & Sendable
    ) {
      copy = { $1[keyPath: path] = $0[keyPath: path] }
      isEqual = { $0[keyPath: path] == $1[keyPath: path] }
    }
  }

  /// All fields that a client may set, by their names.
  static let fields: [String: Field] = [
    "name": Field(\.name), "legal_name": Field(\.legalName), "legal_form": Field(\.legalForm),
    "registration_number": Field(\.registrationNumber),
    "national_tax_number": Field(\.nationalTaxNumber), "address": Field(\.address),
    "province": Field(\.province), "cluster_code": Field(\.clusterCode),
    "sector_codes": Field(\.sectorCodes), "hs_codes": Field(\.hsCodes), "size": Field(\.size),
    "founded_year": Field(\.foundedYear), "employee_count": Field(\.employeeCount),
    "women_led": Field(\.womenLed), "youth_led": Field(\.youthLed),
    "website_url": Field(\.websiteUrl), "about": Field(\.about), "time_zone": Field(\.timeZone),
  ]

  /// Takes over the fields that an update names.
  ///
  /// - Returns: the fields that changed.
  /// - Throws: `invalidArgument` for an empty mask or a path that is unknown or not the client's;
  ///   `profileLocked`; `invalidArgument` for values that break a rule.
  static func update(
    _ organisation: inout Identity.Organisation, to wanted: Identity.Organisation,
    _ paths: [String]
  ) throws -> [String] {
    var faults = FieldFaults()
    if paths.isEmpty { faults.add("update_mask", "REQUIRED", "name the fields to change") }
    for path in paths where fields[path] == nil {
      faults.add("update_mask", "PATH_UNKNOWN", "\(path.prefix(100)) is no field to be changed")
    }
    try faults.check()
    var updated = organisation
    var changed: [String] = []
    for path in Set(paths).sorted() {
      guard let field = fields[path], !field.isEqual(organisation, wanted) else { continue }
      field.copy(wanted, &updated)
      changed.append(path)
    }
    if organisation.verificationState == .verified, !locked.isDisjoint(with: changed) {
      throw IdentityError.refused(.profileLocked)
    }
    try check(updated)
    organisation = updated
    return changed
  }

  /// Checks all fields that a client may set.
  /// - Throws: `invalidArgument` with all that is wrong.
  static func check(_ organisation: Identity.Organisation) throws(RPCError) {
    var faults = FieldFaults()
    let one = "organisation"
    check(organisation.name, "\(one).name", 120, isRequired: true, &faults)
    faults.text(organisation.legalName, "\(one).legal_name", lengthMax: 200)
    if !(0...8 ~= organisation.legalForm.rawValue) {
      faults.add("\(one).legal_form", "UNKNOWN", "give a legal form of the list")
    }
    if !organisation.registrationNumber.isEmpty,
      !RegisterNumber.isRegistration(organisation.registrationNumber)
    {
      faults.add("\(one).registration_number", "MALFORMED", RegisterNumber.registrationForm)
    }
    if !organisation.nationalTaxNumber.isEmpty,
      !RegisterNumber.isNationalTax(organisation.nationalTaxNumber)
    {
      faults.add("\(one).national_tax_number", "MALFORMED", RegisterNumber.nationalTaxForm)
    }
    if let address = organisation.address { PostalRules.check(address, "\(one).address", &faults) }
    if !(0...7 ~= organisation.province.rawValue) {
      faults.add("\(one).province", "UNKNOWN", "give a province of the list")
    }
    if !organisation.clusterCode.isEmpty {
      code(organisation.clusterCode, "\(one).cluster_code", &faults)
    }
    if organisation.sectorCodes.count > sectorsMax {
      faults.add("\(one).sector_codes", "TOO_MANY", "give at most \(sectorsMax)")
    }
    for (index, sector) in organisation.sectorCodes.prefix(sectorsMax).enumerated() {
      code(sector, "\(one).sector_codes[\(index)]", &faults)
    }
    if organisation.hsCodes.count > hsCodesMax {
      faults.add("\(one).hs_codes", "TOO_MANY", "give at most \(hsCodesMax)")
    }
    for (index, code) in organisation.hsCodes.prefix(hsCodesMax).enumerated()
    where code.utf8.count != 6 || !code.utf8.allSatisfy(RegisterNumber.isDigit) {
      faults.add("\(one).hs_codes[\(index)]", "MALFORMED", "give six digits without dots")
    }
    if !(0...4 ~= organisation.size.rawValue) {
      faults.add("\(one).size", "UNKNOWN", "give a size of the list")
    }
    if organisation.foundedYear != 0 {
      faults.range(organisation.foundedYear, "\(one).founded_year", 1_000...9_999)
    }
    faults.range(organisation.employeeCount, "\(one).employee_count", 0...employeesMax)
    if !organisation.websiteUrl.isEmpty, !isWebAddress(organisation.websiteUrl) {
      faults.add("\(one).website_url", "MALFORMED", "give an absolute https URL")
    }
    if let about = organisation.about {
      check(about, "\(one).about", 2_000, isRequired: false, &faults)
    }
    timeZone(organisation.timeZone, "\(one).time_zone", &faults)
    try faults.check()
  }

  private static func check(
    _ text: SaraiType.LocalizedText?, _ field: String, _ lengthMax: Int, isRequired: Bool,
    _ faults: inout FieldFaults
  ) {
    let text = text ?? SaraiType.LocalizedText()
    if isRequired, text.shown.isEmpty {
      faults.add(field, "REQUIRED", "give it in one language at least")
    }
    faults.text(text.en, "\(field).en", lengthMax: lengthMax, isParagraph: lengthMax > 200)
    faults.text(text.ur, "\(field).ur", lengthMax: lengthMax, isParagraph: lengthMax > 200)
    faults.text(text.zh, "\(field).zh", lengthMax: lengthMax, isParagraph: lengthMax > 200)
  }

  /// Codes: lower-case words joined by hyphens.
  private static func code(_ text: String, _ field: String, _ faults: inout FieldFaults) {
    let words = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let isCode =
      text.utf8.count <= 64
      && words.allSatisfy { word in
        !word.isEmpty
          && word.allSatisfy { RegisterNumber.isDigit($0) || (0x61...0x7A).contains($0) }
      }
    if !isCode {
      faults.add(field, "MALFORMED", "give lower-case words joined by hyphens, as sports-goods")
    }
  }

  private static func isWebAddress(_ text: String) -> Bool {
    guard text.hasPrefix("https://"), text.utf8.count <= urlBytesMax,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E })
    else { return false }
    let host = text.dropFirst("https://".count).prefix { !"/?#".contains($0) }
    return !host.isEmpty && !host.contains("@") && host.contains(".")
  }

  private static func timeZone(_ name: String, _ field: String, _ faults: inout FieldFaults) {
    let isName =
      name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        RegisterNumber.isDigit(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || "/_+-".utf8.contains(byte)
      }
    if !isName { faults.add(field, "MALFORMED", "give an IANA name, as Asia/Karachi") }
  }
}

extension SaraiType.LocalizedText {
  /// What is shown to who asks for no language: English, else whichever is there.
  var shown: String {
    if !en.isEmpty { return en }
    return ur.isEmpty ? zh : ur
  }
}
