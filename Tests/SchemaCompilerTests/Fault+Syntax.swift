/// Faults of what is written.
extension Fault {
  static let ofSyntax: [Fault] = [
    Fault(
      "nothing but rubbish",
      "%",
      [
        "3:1: expected a declaration (`message`, `enum`, `service`, `extend`, `import`, `option`), found `%`"
      ]),
    Fault("a control character", "message A {\u{1}}", ["3:12: the control character U+0001"]),
    Fault(
      "a letter that is not ASCII", "message Ä {}",
      ["3:9: `Ä` outside of a string or comment", "3:11: expected the message's name, found `{`"]),
    Fault("a comment without an end", "/* never", ["3:1: a comment that is never closed"]),
    Fault(
      "a string without an end",
      """
      import "a.proto
      ;
      """, ["3:8: a string that is never closed"]),
    Fault(
      "an unknown escape", #"option java_package = "\q";"#,
      ["3:24: an escape that is not known"]),
    Fault(
      "an octal number with an 8", "message A { int32 a = 08; }",
      ["3:23: not an octal number of at most 64 bits"]),
    Fault(
      "a hexadecimal number without digits", "message A { int32 a = 0x; }",
      ["3:23: not a hexadecimal number of at most 64 bits"]),
    Fault(
      "a number that runs into a name", "message A { int32 a = 1b; }",
      ["3:23: `1b` is not a number"]),
    Fault(
      "a name of 256 letters", "message \(String(repeating: "a", count: 256)) {}",
      ["3:9: a name of more than 255 characters"], isStricter: true),
    Fault(
      "an edition",
      """
      edition = "2023";
      message A {}
      """, ["1:1: protobuf editions are not supported"], isWhole: true),
    Fault(
      "an unknown syntax",
      """
      syntax = "proto4";

      """, ["1:10: the syntax `proto4` is not known"], isWhole: true),
    Fault(
      "a syntax line that is late",
      """
      message A {}
      syntax = "proto3";
      """, ["4:1: `syntax` must come first in the file, and once"]),
    Fault(
      "no syntax line", "message A {}",
      ["1:1: no `syntax` line, which would make it proto2"], isWhole: true, isStricter: true),
    Fault("two packages", "package other;", ["3:1: a second `package` line"]),
    Fault(
      "a misspelt keyword",
      "mesage A {}",
      [
        "3:1: expected a declaration (`message`, `enum`, `service`, `extend`, `import`, `option`), found `mesage`"
      ]),
    Fault(
      "a brace too many",
      """
      message A {}
      }
      """, ["4:1: a `}` without its `{`"]),
    Fault(
      "a message that is not closed",
      """
      message A {
        int32 a = 1;
      """, ["4:15: expected `}` to close the message, found the end of the file"]),
    Fault("a field without a number", "message A { int32 a; }", ["3:20: expected `=`, found `;`"]),
    Fault(
      "a field without a semicolon",
      """
      message A {
        int32 a = 1
        int32 b = 2;
      }
      """, ["5:3: expected `;`, found `int32`"]),
    Fault("a group", "message A { repeated group B = 1 {} }", ["3:22: groups are not supported"]),
    Fault(
      "a label in a oneof", "message A { oneof b { repeated int32 c = 1; } }",
      ["3:23: `repeated` inside a oneof"]),
    Fault(
      "a map in a oneof", "message A { oneof b { map<string, int32> c = 1; } }",
      ["3:19: the oneof `b` has no members", "3:23: a map inside a oneof"]),
    Fault(
      "a label on a map", "message A { repeated map<string, int32> c = 1; }",
      ["3:22: `repeated` in front of a map"]),
    Fault(
      "a oneof without members", "message A { oneof b {} }",
      ["3:19: the oneof `b` has no members"]),
    Fault(
      "messages nested too deep",
      String(repeating: "message A {", count: 33) + String(repeating: "}", count: 33),
      ["3:361: messages nested more than 32 deep"]),
  ]
}
