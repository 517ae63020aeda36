import SchemaCompiler

/// Any text becomes a schema or a list of faults, each with its place in the text.
func examineSchema(_ bytes: [UInt8]) {
  let compilation = Compilation(["fuzz.proto"], from: SchemaTexts(bytes: ["fuzz.proto": bytes]))
  require(
    compilation.schema != nil || !compilation.diagnostics.isEmpty, "refused without a reason")
  for diagnostic in compilation.diagnostics {
    require(
      diagnostic.location.line >= 1 && diagnostic.location.column >= 1,
      "no place: \(diagnostic)")
    require(!diagnostic.message.isEmpty, "no message")
  }
}
