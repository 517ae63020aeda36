import Access
import Foundation
import Platform
import Testing

@Suite struct PermissionTests {
  /// A row of the list in options.proto: "`name`  what for: roles; roles".
  private struct Row: Equatable {
    var name: String
    var own: Set<Role>
    var programme: Set<Role>
  }

  private func listed() throws -> [Row] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Proto/sarai/options/v1/options.proto")
    let text = try String(contentsOf: file, encoding: .utf8)
    let list = try #require(text.split(separator: "Roles are `sarai.identity.v1.Role`.").last)
      .split(separator: "message AccessRule")[0]
    var rows: [(section: Substring, name: Substring, text: String)] = []
    var section: Substring = ""
    for line in list.split(separator: "\n") where line.hasPrefix("// ") {
      let words = line.dropFirst(3).split(separator: " ")
      if words[0] == "-" {
        rows.append((section, words[1], words.dropFirst(2).joined(separator: " ")))
      } else if line.hasPrefix("//  ") {
        rows[rows.count - 1].text += " " + words.joined(separator: " ")
      } else {
        section = words[0]
      }
    }
    return try rows.map { row in
      let lists = try #require(row.text.split(separator: ":").last).split(separator: ";")
      let roles = try lists.map { list in
        let names = list.split(separator: ",").map { $0.trimmingPrefix(" ") }
        if names == ["every role"] { return Set(Role.allCases) }
        return Set(try names.map { try #require(Role(name: $0), "\(row)") })
      }
      let isOfCompanies = row.section == "Company"
      return Row(
        name: String(row.name.dropFirst().dropLast()), own: isOfCompanies ? roles[0] : [],
        programme: isOfCompanies ? (roles.count > 1 ? roles[1] : []) : roles[0])
    }
  }

  @Test func `the table is the list of options.proto`() throws {
    let rows = try listed()
    #expect(rows.count == Permission.all.count && rows.count > 60)
    let company = UUID(high: 1, low: 1)
    for (row, permission) in zip(rows, Permission.all) {
      #expect(permission.description == row.name)
      for role in Role.allCases {
        let caller = Caller.person(.null, session: .null, organisation: company, roles: [role])
        #expect(
          caller.holdsEverywhere(permission) == row.programme.contains(role), "\(row.name) \(role)")
        #expect(
          caller.holds(permission, in: company)
            == (row.own.contains(role) || row.programme.contains(role)), "\(row.name) \(role)")
      }
    }
  }

  @Test func `a name that is not on the list is no permission`() {
    #expect(Permission(name: "identity.everything") == nil)
    #expect(Permission(name: "") == nil)
  }

  @Test func `roles have the names of the list`() {
    for role in Role.allCases { #expect(Role(name: role.name) == role) }
    #expect(Role(name: "root") == nil)
  }
}
