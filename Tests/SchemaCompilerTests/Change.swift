extension Change {
  static let all: [Change] = [
    // What breaks nothing
    Change(
      "a new field behind the others", "message A { int32 a = 1; }",
      "message A { int32 a = 1; string b = 3; }", []),
    Change(
      "a new message, enum and service", "message A {}",
      "message A {} message B {} enum E { E_A = 0; } service S { rpc Do(A) returns (B); }", []),
    Change(
      "a new enum value", "enum E { E_A = 0; }", "enum E { E_A = 0; E_B = 1; }", []),
    Change(
      "a deprecation", "message A { int32 a = 1; }",
      "message A { int32 a = 1 [deprecated = true]; }", []),
    Change(
      "another order", "message A { int32 a = 1; int32 b = 2; }",
      "message A { int32 b = 2; int32 a = 1; }", []),
    Change(
      "another name of a oneof", "message A { oneof x { int32 a = 1; int32 b = 2; } }",
      "message A { oneof y { int32 a = 1; int32 b = 2; } }", []),
    // Fields
    Change(
      "a number", "message A { int32 a = 1; }", "message A { int32 a = 2; }",
      ["2:13 breaks native, protobuf: the number of `a` was 1 and is 2"]),
    Change(
      "a name", "message A { int32 a = 1; }", "message A { int32 b = 1; }",
      ["2:13 breaks json: the field 1 was called `a` and is called `b`"]),
    Change(
      "a JSON name", "message A { int32 a = 1; }",
      "message A { int32 a = 1 [json_name = \"x\"]; }",
      ["2:13 breaks json: `a` was `a` in JSON and is `x`"]),
    Change(
      "a type that protobuf and JSON take for the same", "message A { int32 a = 1; }",
      "message A { uint64 a = 1; }",
      ["2:13 breaks native: the type of `a` was `int32` and is `uint64`"]),
    Change(
      "a type that JSON takes for the same", "message A { int32 a = 1; }",
      "message A { sint32 a = 1; }",
      ["2:13 breaks native, protobuf: the type of `a` was `int32` and is `sint32`"]),
    Change(
      "a type that is another everywhere", "message A { string a = 1; }",
      "message A { bytes a = 1; }",
      ["2:13 breaks native, protobuf, json: the type of `a` was `string` and is `bytes`"]),
    Change(
      "a message type", "message A { B a = 1; } message B {} message C {}",
      "message A { C a = 1; } message B {} message C {}",
      ["2:13 breaks native, protobuf, json: the type of `a` was `p.v1.B` and is `p.v1.C`"]),
    Change(
      "presence", "message A { int32 a = 1; }", "message A { optional int32 a = 1; }",
      ["2:13 breaks native: `a` was singular and is optional"]),
    Change(
      "cardinality", "message A { int32 a = 1; }", "message A { repeated int32 a = 1; }",
      ["2:13 breaks native, protobuf, json: `a` was singular and is repeated"]),
    Change(
      "a map's key", "message A { map<int32, string> a = 1; }",
      "message A { map<string, string> a = 1; }",
      ["2:13 breaks native, protobuf, json: `a` was a map by int32 and is a map by string"]),
    Change(
      "a field below others", "message A { int32 a = 1; int32 c = 3; }",
      "message A { int32 a = 1; int32 c = 3; int32 b = 2; }",
      ["2:39 breaks native: the new field `b = 2` stands below earlier fields"]),
    // Removal
    Change(
      "a field gone", "message A { int32 a = 1; int32 b = 2; }", "message A { int32 a = 1; }",
      ["2:1 breaks native, protobuf, json: the field `b = 2` is gone"]),
    Change(
      "a field gone, its number reserved", "message A { int32 a = 1; int32 b = 2; }",
      "message A { int32 a = 1; reserved 2; }",
      ["2:1 breaks native, json: the field `b = 2` is gone"]),
    Change(
      "a field gone, number and name reserved", "message A { int32 a = 1; int32 b = 2; }",
      "message A { int32 a = 1; reserved 2; reserved \"b\"; }",
      ["2:1 breaks native: the field `b = 2` is gone"]),
    Change(
      "a field gone where native was never spoken",
      "message A { int32 a = 1; int32 b = 64; }",
      "message A { int32 a = 1; reserved 64; reserved \"b\"; }", []),
    Change(
      "a number reserved no longer", "message A { reserved 2 to 4; }",
      "message A { reserved 2, 3; }", ["2:1 breaks protobuf: 2 to 4 was reserved and is free"]),
    Change(
      "a name reserved no longer", "message A { reserved \"a\"; }", "message A {}",
      ["2:1 breaks json: the name `a` was reserved and is free"]),
    Change(
      "a number and a name used again", "message A { reserved 2; reserved \"b\"; }",
      "message A { int32 b = 2; }",
      [
        "2:13 breaks protobuf: the number 2 of `b` was reserved",
        "2:13 breaks json: the name `b` was reserved",
      ]),
    Change(
      "a message gone", "message A {} message B { message C {} }", "message A {} message B {}",
      ["1:1 breaks native, protobuf, json: the message `p.v1.B.C` is gone"]),
    // Oneofs
    Change(
      "a member more", "message A { oneof x { int32 a = 1; } }",
      "message A { oneof x { int32 a = 1; int32 b = 2; } }",
      [
        "2:36 breaks native: the oneof `x` gains the member `b`: an old reader could write two "
          + "members"
      ]),
    Change(
      "a field into a oneof", "message A { int32 a = 1; oneof x { int32 b = 2; } }",
      "message A { oneof x { int32 b = 2; int32 a = 1; } }",
      [
        "2:36 breaks native, protobuf, json: `a` was in no oneof and is in the oneof `x`"
      ]),
    Change(
      "a field into a oneof of its own", "message A { int32 a = 1; }",
      "message A { oneof x { int32 a = 1; } }",
      ["2:23 breaks native: `a` was in no oneof and is in the oneof `x`"]),
    Change(
      "a field out of its oneof", "message A { oneof x { int32 a = 1; int32 b = 2; } }",
      "message A { oneof x { int32 a = 1; } int32 b = 2; }",
      ["2:38 breaks native, protobuf, json: `b` was in the oneof `x` and is in none"]),
    // Enums
    Change(
      "an enum gone", "message A {} enum E { E_A = 0; }", "message A {}",
      ["1:1 breaks native, protobuf, json: the enum `p.v1.E` is gone"]),
    Change(
      "a value's number", "enum E { E_A = 0; E_B = 1; }", "enum E { E_A = 0; E_B = 2; }",
      ["2:19 breaks native, protobuf: `E_B` was 1 and is 2"]),
    Change(
      "a value's name", "enum E { E_A = 0; E_B = 1; }", "enum E { E_A = 0; E_C = 1; }",
      ["2:19 breaks json: the value 1 was called `E_B` and is called `E_C`"]),
    Change(
      "a value's name, the old one kept as an alias", "enum E { E_A = 0; E_B = 1; }",
      "enum E { option allow_alias = true; E_A = 0; E_C = 1; E_B = 1; }", []),
    Change(
      "a value gone", "enum E { E_A = 0; E_B = 1; }", "enum E { E_A = 0; }",
      ["2:1 breaks native, protobuf, json: the value `E_B = 1` is gone"]),
    Change(
      "a value gone, its number reserved", "enum E { E_A = 0; E_B = 1; }",
      "enum E { E_A = 0; reserved 1; }", ["2:1 breaks json: the value `E_B = 1` is gone"]),
    // Services
    Change(
      "a service gone", "message A {} service S { rpc Do(A) returns (A); }", "message A {}",
      ["1:1 breaks rpc: the service `p.v1.S` is gone"]),
    Change(
      "a method gone", "message A {} service S { rpc Do(A) returns (A); }",
      "message A {} service S {}", ["2:14 breaks rpc: the method `Do` is gone"]),
    Change(
      "what a method takes and returns",
      "message A {} message B {} service S { rpc Do(A) returns (A); }",
      "message A {} message B {} service S { rpc Do(B) returns (B); }",
      [
        "2:39 breaks rpc: `Do` took `p.v1.A` and takes `p.v1.B`",
        "2:39 breaks rpc: `Do` returned `p.v1.A` and returns `p.v1.B`",
      ]),
    Change(
      "a method's kind", "message A {} service S { rpc Do(A) returns (A); }",
      "message A {} service S { rpc Do(A) returns (stream A); }",
      ["2:26 breaks rpc: `Do` was unary and is server streaming"]),
    Change(
      "a read that becomes a write",
      "message A {} service S { rpc Do(A) returns (A) { option idempotency_level = NO_SIDE_EFFECTS; } }",
      "message A {} service S { rpc Do(A) returns (A); }",
      ["2:26 breaks rpc: `Do` had no side effects, so that clients repeat it"]),
    // Files
    Change(
      "the package", "syntax = \"proto3\"; package p.v1; message A {}",
      "syntax = \"proto3\"; package p.v2; message A {}",
      [
        "1:20 breaks native, protobuf, json, rpc: the package was `p.v1` and is `p.v2`: every full "
          + "name and every path of a call changed"
      ]),
  ]
}
