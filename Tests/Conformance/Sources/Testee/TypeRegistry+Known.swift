import WellKnownTypes
import Wire

extension TypeRegistry {
  /// What the runner puts into a `google.protobuf.Any`.
  static let known = TypeRegistry([
    ProtobufTestMessagesProto3.TestAllTypesProto3.layout,
    GoogleProtobuf.AnyMessage.layout,
    GoogleProtobuf.Duration.layout,
    GoogleProtobuf.FieldMask.layout,
    GoogleProtobuf.Int32Value.layout,
    GoogleProtobuf.Struct.layout,
    GoogleProtobuf.Timestamp.layout,
    GoogleProtobuf.Value.layout,
  ])
}
