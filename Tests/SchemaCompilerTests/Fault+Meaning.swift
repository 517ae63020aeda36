/// Faults of what it means.
extension Fault {
  static let ofMeaning: [Fault] = [
    Fault(
      "a field number of 0", "message A { int32 a = 0; }",
      ["3:23: a field number must be at least 1"]),
    Fault(
      "a field number that is negative", "message A { int32 a = -1; }",
      ["3:23: expected the field's number, found `-`"]),
    Fault(
      "a field number above the highest", "message A { int32 a = 536870912; }",
      ["3:23: a field number must be at most 536870911"]),
    Fault(
      "a field number above 32 bits", "message A { int32 a = 4294967296; }",
      ["3:23: a number that does not fit 32 bits"]),
    Fault(
      "a field number of protobuf's own",
      "message A { int32 a = 19000; int32 b = 19999; }",
      [
        "3:23: the numbers 19000 to 19999 belong to protobuf itself",
        "3:40: the numbers 19000 to 19999 belong to protobuf itself",
      ]),
    Fault(
      "a field number twice",
      """
      message A {
        int32 a = 1;
        int32 b = 1;
      }
      """, ["5:13: the number 1 is already that of `a` (line 4)"]),
    Fault(
      "a field name twice",
      """
      message A {
        int32 a = 1;
        int32 a = 2;
      }
      """, ["5:9: `sample.A.a` is already a field (line 4)"]),
    Fault(
      "two names that are one in JSON",
      """
      message A {
        int32 foo_bar = 1;
        int32 fooBar = 2;
      }
      """, ["5:9: `fooBar` and `foo_bar` are the same name in JSON"]),
    Fault(
      "a json_name that another field has",
      """
      message A {
        int32 a = 1;
        int32 b = 2 [json_name = "a"];
      }
      """, ["5:9: `b` and `a` are the same name in JSON"], isStricter: true),
    Fault(
      "a reserved number", "message A { reserved 2 to 4; int32 a = 3; }",
      ["3:40: the number 3 is reserved"]),
    Fault(
      "a reserved name", #"message A { reserved "a"; int32 a = 3; }"#,
      ["3:33: the name `a` is reserved"]),
    Fault(
      "a reserved name without quotes", "message A { reserved a; }",
      ["3:22: expected a number or a name in quotes, found `a`"]),
    Fault(
      "reserved ranges that overlap", "message A { reserved 1 to 5, 5; }",
      ["3:30: the numbers from 5 on are reserved twice"]),
    Fault(
      "a reserved range that is upside down", "message A { reserved 5 to 1; }",
      ["3:22: a range that ends before it begins"], isStricter: true),
    Fault(
      "a name reserved twice", #"message A { reserved "a", "a"; }"#,
      ["3:27: the name `a` is reserved twice"]),
    Fault(
      "required in proto3", "message A { required int32 a = 1; }",
      ["3:13: `required` in proto3"]),
    Fault(
      "a default in proto3", "message A { int32 a = 1 [default = 2]; }",
      ["3:26: `default` in proto3"]),
    Fault(
      "extension numbers in proto3", "message A { extensions 100 to 200; }",
      ["3:24: extension numbers in proto3"]),
    Fault(
      "an extension of an ordinary message in proto3",
      """
      message A {}
      extend A { int32 a = 1; }
      """, ["4:8: `sample.A` cannot be extended in proto3"]),
    Fault(
      "a packed string", "message A { repeated string a = 1 [packed = true]; }",
      ["3:36: `packed` on a field that cannot be packed"]),
    Fault(
      "a float as a map's key", "message A { map<float, int32> a = 1; }",
      ["3:17: `float` cannot be the key of a map"]),
    Fault(
      "a message as a map's key", "message A { map<A, int32> a = 1; }",
      ["3:17: this type cannot be the key of a map"]),
    Fault(
      "an unknown type with a near one",
      """
      message Product {}
      message A { Prodact a = 1; }
      """, ["4:13: the type `Prodact` is not defined"]),
    Fault(
      "a type of another language", "message A { int a = 1; }",
      ["3:13: the type `int` is not defined"]),
    Fault(
      "a well-known type that is not imported", "message A { google.protobuf.Timestamp a = 1; }",
      ["3:13: the type `google.protobuf.Timestamp` is not defined"]),
    Fault(
      "a type that a nearer name hides", "message A { message sample {} sample.A a = 1; }",
      ["3:31: `sample.A` is not defined inside `sample.A.sample`"]),
    Fault(
      "an enum value as a type",
      """
      enum E { E_A = 0; }
      message A { E_A a = 1; }
      """, ["4:13: the type `E_A` is not defined"]),
    Fault(
      "a message name twice",
      """
      message A {}
      message A {}
      """, ["4:9: `sample.A` is already a message (line 3)"]),
    Fault("an enum without values", "enum E {}", ["3:6: the enum `E` has no values"]),
    Fault(
      "an enum that does not begin with 0", "enum Colour { COLOUR_RED = 1; }",
      ["3:28: the first value of an enum must be 0"]),
    Fault(
      "two enum values of one number", "enum E { E_A = 0; E_B = 0; }",
      ["3:25: the number 0 is already that of `E_A`"]),
    Fault(
      "aliases allowed for nothing", "enum E { option allow_alias = true; E_A = 0; }",
      ["3:17: `allow_alias` in an enum without aliases"]),
    Fault(
      "one value name in two enums",
      """
      enum E { NONE = 0; }
      enum F { NONE = 0; }
      """, ["4:10: `sample.NONE` is already an enum value (line 3)"]),
    Fault(
      "enum values that differ in case only", "enum E { E_A = 0; E_a = 1; }",
      ["3:19: `E_a` and `E_A` are the same name without case, underscores and the enum's name"]),
    Fault(
      "a reserved enum number", "enum E { reserved -2 to -1; E_A = 0; E_B = -2; }",
      ["3:44: the number -2 is reserved"]),
    Fault(
      "an enum value above 32 bits", "enum E { E_A = 0; E_B = 2147483648; }",
      ["3:25: a number that does not fit 32 bits"]),
    Fault(
      "a method of an unknown type",
      """
      message A {}
      service S { rpc Do(A) returns (B); }
      """, ["4:32: the type `B` is not defined"]),
    Fault(
      "a method of an enum",
      """
      enum E { E_A = 0; }
      message A {}
      service S { rpc Do(E) returns (A); }
      """, ["5:20: `E` is an enum"]),
    Fault(
      "a method without returns",
      """
      message A {}
      service S { rpc Do(A); }
      """, ["4:22: expected `returns`, found `;`"]),
    Fault(
      "something else in a service", "service S { message A {} }",
      ["3:13: expected `rpc`, found `message`"]),
    Fault(
      "a method twice",
      """
      message A {}
      service S {
        rpc Do(A) returns (A);
        rpc Do(A) returns (A);
      }
      """, ["6:7: `sample.S.Do` is already a method (line 5)"]),
    Fault(
      "an unknown option", #"option java_packege = "x";"#,
      ["3:8: `FileOptions` has no option `java_packege`"]),
    Fault(
      "an unknown custom option", "option (none) = 1;",
      ["3:9: the custom option `none` is not defined"]),
    Fault(
      "an option of the wrong type", "option java_package = 3;",
      ["3:23: `java_package` takes a string"]),
    Fault(
      "an option out of range", "message A { int32 a = 1 [ctype = 4]; }",
      ["3:34: `ctype` takes the name of a value of `google.protobuf.FieldOptions.CType`"]),
    Fault(
      "an unknown enum value as an option", "option optimize_for = SPED;",
      ["3:23: `google.protobuf.FileOptions.OptimizeMode` has no value `SPED`"]),
    Fault(
      "an option twice",
      """
      option deprecated = true;
      option deprecated = true;
      """, ["4:8: this option is set twice"]),
    Fault(
      "a bool option in quotes", #"option deprecated = "true";"#,
      ["3:21: `deprecated` takes `true` or `false`"]),
    Fault(
      "an option that the compiler keeps for itself", "option uninterpreted_option = {};",
      ["3:8: `FileOptions` has no option `uninterpreted_option`"]),
    Fault(
      "an import that is not there", #"import "none.proto";"#,
      ["3:8: the imported file `none.proto` is not there"]),
    Fault(
      "an import twice",
      """
      import "google/protobuf/any.proto";
      import "google/protobuf/any.proto";
      message A { google.protobuf.Any a = 1; }
      """, ["4:8: `google/protobuf/any.proto` is imported twice"]),
    Fault(
      "an import that is not used", #"import "google/protobuf/any.proto";"#,
      ["3:8: warning: `google/protobuf/any.proto` is imported but not used"]),
    Fault(
      "an import of itself", #"import "test.proto";"#,
      ["3:8: a circle of imports: test.proto -> test.proto"]),
    Fault(
      "a package called like a message",
      """
      message sample {}
      message A { .sample.sample a = 1; .sample a2 = 2; }
      """, ["4:35: `.sample` is a package, not a type"]),
    Fault(
      "several faults at once",
      """
      message A {
        int32 a = ;
        unknown b = 2;
        int32 c = 0
      }
      enum {}
      message B { B b 1; int32 c = 0; }
      """,
      [
        "4:13: expected the field's number, found `;`",
        "5:3: the type `unknown` is not defined",
        "7:1: expected `;`, found `}`",
        "8:6: expected the enum's name, found `{`",
        "9:17: expected `=`, found `1`",
        "9:30: a field number must be at least 1",
      ]),
  ]
}
