extension Resolver {
  private static let optionsPackage = "sarai.options.v1"

  /// What the custom options of Sarai's contracts promise: every method says who may call it and
  /// what repeating it does.
  ///
  /// Holds for `sarai.*` files that can see those options.
  mutating func checkMethodRules(of result: SchemaFile) {
    guard isSarai, sees("access") else { return }
    for (service, written) in zip(result.services, syntax.services) {
      if sees("callers"), service.options["(\(Self.optionsPackage).callers)"].isEmpty {
        report(
          written.name.span, "the service `\(service.name)` does not say who may call it",
          hint: "Add `option (\(Self.optionsPackage).callers) = { services: [...] };`.")
      }
      // One at fault was left out, so that they no longer stand side by side.
      guard service.methods.count == written.methods.count else { continue }
      for (method, written) in zip(service.methods, written.methods) {
        checkAccess(of: method, at: written.name.span)
        checkIdempotency(of: method, at: written.name.span)
        checkRoute(of: method, at: written.name.span)
      }
    }
  }

  private func sees(_ option: String) -> Bool {
    symbols.symbols["\(Self.optionsPackage).\(option)"].map {
      $0.kind == .extension && symbols.visible[file].contains($0.file)
    } ?? false
  }

  private mutating func checkAccess(of method: Method, at span: SourceSpan) {
    let access = method.options.members(of: "(\(Self.optionsPackage).access)")
    guard case .enumeration(let audience, let number) = access["audience"], number != 0
    else {
      return report(
        span, "the method `\(method.name)` does not say who may call it",
        hint: "Add `option (\(Self.optionsPackage).access) = { audience: ... };`.")
    }
    if audience == "AUDIENCE_PERMISSION", access["permission"] == nil {
      report(span, "the method `\(method.name)` asks for a permission and names none")
    }
  }

  private mutating func checkIdempotency(of method: Method, at span: SourceSpan) {
    if method.options.enumValue("idempotency_level") == "NO_SIDE_EFFECTS" { return }
    let rule = method.options.members(of: "(\(Self.optionsPackage).idempotency)")
    guard case .enumeration(let kind, let number) = rule["kind"], number != 0 else {
      return report(
        span, "the method `\(method.name)` does not say what repeating it does",
        hint: "Add `option idempotency_level = NO_SIDE_EFFECTS;`, or "
          + "`option (\(Self.optionsPackage).idempotency) = { kind: ... };`.")
    }
    if kind == "IDEMPOTENCY_KIND_CLIENT_ID", rule["id_field"] == nil {
      report(span, "the method `\(method.name)` does not name the field of its id")
    }
  }

  private mutating func checkRoute(of method: Method, at span: SourceSpan) {
    let rule = method.options.members(of: "(\(Self.optionsPackage).http)")
    guard !rule.isEmpty else { return }
    if rule["method"] == nil {
      report(span, "the REST route of `\(method.name)` has no HTTP method")
    }
    guard case .string(let path) = rule["path"], path.hasPrefix("/") else {
      return report(
        span, "the REST route of `\(method.name)` has no absolute path",
        hint: "Write it like `path: \"/v1/products/{id}\"`.")
    }
  }
}
