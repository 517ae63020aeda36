import WellKnownTypes
import Wire

extension TypeRegistry {
  /// What the runner puts into a `google.protobuf.Any`.
  static let known = TypeRegistry([
    ProtobufTestMessagesProto3.TestAllTypesProto3.layout,
    Google.Protobuf.Any.layout,
    Google.Protobuf.Duration.layout,
    Google.Protobuf.FieldMask.layout,
    Google.Protobuf.Int32Value.layout,
    Google.Protobuf.Struct.layout,
    Google.Protobuf.Timestamp.layout,
    Google.Protobuf.Value.layout,
  ])
}
