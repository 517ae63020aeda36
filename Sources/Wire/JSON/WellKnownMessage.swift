/// The messages of google.protobuf that JSON writes in a form of their own.
enum WellKnownMessage: String, Sendable {
  case any = "google.protobuf.Any"
  case duration = "google.protobuf.Duration"
  case fieldMask = "google.protobuf.FieldMask"
  case listValue = "google.protobuf.ListValue"
  case structure = "google.protobuf.Struct"
  case timestamp = "google.protobuf.Timestamp"
  case value = "google.protobuf.Value"
  case boolValue = "google.protobuf.BoolValue"
  case bytesValue = "google.protobuf.BytesValue"
  case doubleValue = "google.protobuf.DoubleValue"
  case floatValue = "google.protobuf.FloatValue"
  case int32Value = "google.protobuf.Int32Value"
  case int64Value = "google.protobuf.Int64Value"
  case stringValue = "google.protobuf.StringValue"
  case uint32Value = "google.protobuf.UInt32Value"
  case uint64Value = "google.protobuf.UInt64Value"
}
