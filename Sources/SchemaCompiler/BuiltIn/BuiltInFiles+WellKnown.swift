extension BuiltInFiles {
  static let any =
    head(java: "Any", go: "any")
      + """
      // A message together with the name of its type.
      message Any {
        // A URL whose last segment is the type's full name.
        string type_url = 1;
        // The message in protobuf binary.
        bytes value = 2;
      }
      """

  static let duration =
    head(java: "Duration", go: "duration", arenas: true)
      + """
      // A signed span of time of up to 10,000 years.
      message Duration {
        // Whole seconds, -315,576,000,000 to 315,576,000,000.
        int64 seconds = 1;
        // Nanoseconds beyond that, of the same sign, under a second.
        int32 nanos = 2;
      }
      """

  static let empty =
    head(java: "Empty", go: "empty", arenas: true)
      + """
      // What a method takes or returns that needs no data.
      message Empty {
      }
      """

  static let fieldMask =
    head(java: "FieldMask", go: "fieldmask", arenas: true)
      + """
      // The fields of a message that an operation is about.
      message FieldMask {
        // Paths of field names joined by dots.
        repeated string paths = 1;
      }
      """

  static let structure =
    head(java: "Struct", go: "struct", arenas: true)
      + """
      // A JSON object.
      message Struct {
        // Members by name.
        map<string, Value> fields = 1;
      }
      // A JSON value.
      message Value {
        // What kind of value it is.
        oneof kind {
          // `null`.
          NullValue null_value = 1;
          // A number; JSON has no infinity or NaN.
          double number_value = 2;
          // A string.
          string string_value = 3;
          // True or false.
          bool bool_value = 4;
          // An object.
          Struct struct_value = 5;
          // An array.
          ListValue list_value = 6;
        }
      }
      // A JSON array.
      message ListValue {
        // The elements.
        repeated Value values = 1;
      }
      // JSON's `null`.
      enum NullValue {
        // The only value.
        NULL_VALUE = 0;
      }
      """

  static let timestamp =
    head(java: "Timestamp", go: "timestamp", arenas: true)
      + """
      // A moment of UTC, leap seconds smeared, from year 1 to year 9999.
      message Timestamp {
        // Seconds since 1970-01-01T00:00:00Z; negative before.
        int64 seconds = 1;
        // Nanoseconds of the second, 0 to 999,999,999, counted forwards always.
        int32 nanos = 2;
      }
      """

  static let wrappers =
    head(java: "Wrappers", go: "wrappers", arenas: true)
      + """
      // A double that may be absent.
      message DoubleValue {
        // The value.
        double value = 1;
      }
      // A float that may be absent.
      message FloatValue {
        // The value.
        float value = 1;
      }
      // A 64-bit integer that may be absent.
      message Int64Value {
        // The value.
        int64 value = 1;
      }
      // A 64-bit unsigned integer that may be absent.
      message UInt64Value {
        // The value.
        uint64 value = 1;
      }
      // A 32-bit integer that may be absent.
      message Int32Value {
        // The value.
        int32 value = 1;
      }
      // A 32-bit unsigned integer that may be absent.
      message UInt32Value {
        // The value.
        uint32 value = 1;
      }
      // A boolean that may be absent.
      message BoolValue {
        // The value.
        bool value = 1;
      }
      // A string that may be absent.
      message StringValue {
        // The value.
        string value = 1;
      }
      // A byte string that may be absent.
      message BytesValue {
        // The value.
        bytes value = 1;
      }
      """
}
