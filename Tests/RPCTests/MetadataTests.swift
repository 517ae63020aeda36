import RPC
import Testing

@Suite struct MetadataTests {
  @Test(
    arguments: [
      ("a", "b", true), ("a_b.c-1", "b c", true), ("a", "", true), ("", "b", false),
      ("a b", "c", false), ("te", "b", false), ("grpc-a", "b", false), ("a", "é", false),
      ("a", "b\n", false), ("a", " b", false), ("a", "b ", false), ("a", " ", false),
    ] as [(String, String, Bool)])
  func `only what arrives as it was sent may travel`(
    _ name: String, _ value: String, _ travels: Bool
  ) {
    var metadata = Metadata()
    metadata.add(name, value)
    #expect((metadata.fault == nil) == travels)
  }
}
