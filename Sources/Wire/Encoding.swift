/// The three encodings that every message speaks.
public enum Encoding: Sendable, Hashable, CaseIterable {
  /// Sarai binary: canonical, without tags. Specified in Proto/README.md.
  case native
  /// Protocol Buffers' binary encoding.
  case protobuf
  /// proto3 JSON.
  case json
}
