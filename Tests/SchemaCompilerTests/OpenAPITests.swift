import Foundation
import SchemaCompiler
import Testing

/// The OpenAPI document, read again as any client reads it.
@Suite struct OpenAPITests {
  private static let shop = """
    syntax = "proto3";
    package shop.v1;
    import "sarai/options/v1/options.proto";
    import "google/protobuf/timestamp.proto";
    // Sells things.
    service Shop {
      // Changes a thing. Nothing else.
      rpc Update(UpdateRequest) returns (Thing) {
        option (sarai.options.v1.http) = { method: HTTP_METHOD_PATCH path: "/v1/things/{thing_id}" body: "*" };
        option (sarai.options.v1.access) = { audience: AUDIENCE_PERSON };
        option (sarai.options.v1.idempotency) = { kind: IDEMPOTENCY_KIND_KEY };
      }
      // Finds things.
      rpc Find(FindRequest) returns (stream Thing) {
        option idempotency_level = NO_SIDE_EFFECTS;
        option (sarai.options.v1.http) = { method: HTTP_METHOD_GET path: "/v1/things" };
        option (sarai.options.v1.access) = { audience: AUDIENCE_ANYONE };
      }
      // Puts a picture there.
      rpc Put(stream PutRequest) returns (Thing) {
        option (sarai.options.v1.http) = { method: HTTP_METHOD_PUT path: "/v1/pictures/{id}" body: "chunk" };
      }
      rpc Hidden(FindRequest) returns (Thing);
    }
    message UpdateRequest {
      string thing_id = 1;
      Thing thing = 2 [(sarai.options.v1.behavior) = FIELD_BEHAVIOR_REQUIRED];
    }
    message FindRequest { Page page = 1; repeated Kind kinds = 2; }
    message Page { int32 size = 1; }
    message PutRequest { string id = 1; bytes chunk = 2; string file_name = 3; }
    enum Kind { KIND_UNSPECIFIED = 0; KIND_BALL = 1; }
    message Thing {
      int64 price_minor = 1 [(sarai.options.v1.behavior) = FIELD_BEHAVIOR_OUTPUT_ONLY];
      google.protobuf.Timestamp made_at = 2;
      oneof form { string round = 3; string square = 4; }
      map<string, Thing> parts = 5;
    }
    """

  private func document() throws -> [String: Any] {
    let options = "sarai/options/v1/options.proto"
    let text = try String(contentsOf: Samples.contracts.appending(path: options), encoding: .utf8)
    let compilation = Compilation(
      ["shop.proto"], from: SchemaTexts([options: text, "shop.proto": Self.shop]))
    let schema = try #require(compilation.schema, "\(compilation.diagnostics)")
    let document = OpenAPIDocument(schema, title: "Shop \"1\"", version: "2").text
    return try #require(
      try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
  }

  private func value(_ path: String...) throws -> Any? {
    path.reduce(try document() as Any?) { ($0 as? [String: Any])?[$1] }
  }

  @Test func `methods with a route are there under their paths, others are not`() throws {
    let paths = try #require(try value("paths") as? [String: [String: Any]])
    #expect(
      paths.mapValues { $0.keys.sorted() } == [
        "/v1/things/{thingId}": ["patch"], "/v1/things": ["get"], "/v1/pictures/{id}": ["put"],
      ])
    let title = try value("info", "title") as? String
    #expect(title == "Shop \"1\"")
    let summary = try value("paths", "/v1/things/{thingId}", "patch", "summary") as? String
    #expect(summary == "Changes a thing")
  }

  @Test func `a body is the message less what the path holds`() throws {
    let body = try value(
      "paths", "/v1/things/{thingId}", "patch", "requestBody", "content", "application/json",
      "schema")
    let schema = try #require(body as? [String: Any])
    #expect((schema["properties"] as? [String: Any])?.keys.sorted() == ["thing"])
    #expect(schema["required"] as? [String] == ["thing"])
  }

  @Test func `what is left of a read comes from the query`() throws {
    let found = try value("paths", "/v1/things", "get", "parameters")
    let parameters = try #require(found as? [[String: Any]])
    #expect(parameters.map { $0["name"] as? String } == ["page.size", "kinds"])
    #expect(parameters.map { $0["in"] as? String } == ["query", "query"])
    let security = try value("paths", "/v1/things", "get", "security") as? [[String: Any]]
    #expect(security?.count == 2 && security?.first?.isEmpty == true)
    let answers = try value("paths", "/v1/things", "get", "responses", "200", "content")
    #expect(
      (answers as? [String: Any])?.keys.sorted() == ["application/x-ndjson", "text/event-stream"])
  }

  @Test func `a key that makes repeating harmless is a header`() throws {
    let found = try value("paths", "/v1/things/{thingId}", "patch", "parameters")
    let parameters = try #require(found as? [[String: Any]])
    #expect(parameters.last?["$ref"] as? String == "#/components/parameters/IdempotencyKey")
  }

  @Test func `bytes are a raw body`() throws {
    let content = try value("paths", "/v1/pictures/{id}", "put", "requestBody", "content")
    #expect((content as? [String: Any])?.keys.sorted() == ["application/octet-stream"])
    let found = try value("paths", "/v1/pictures/{id}", "put", "parameters")
    let parameters = try #require(found as? [[String: Any]])
    #expect(parameters.map { $0["name"] as? String } == ["id", "fileName"])
  }

  @Test func `fields are typed as proto3 JSON writes them`() throws {
    let thing = try value("components", "schemas", "shop.v1.Thing", "properties")
    let fields = try #require(thing as? [String: [String: Any]])
    #expect(fields["priceMinor"]?["type"] as? String == "string")
    #expect(fields["priceMinor"]?["readOnly"] as? Bool == true)
    #expect(fields["madeAt"]?["format"] as? String == "date-time")
    #expect(
      (fields["parts"]?["additionalProperties"] as? [String: String])?["$ref"]
        == "#/components/schemas/shop.v1.Thing")
    let kinds = try value("components", "schemas", "shop.v1.Kind", "enum") as? [String]
    #expect(kinds == ["KIND_UNSPECIFIED", "KIND_BALL"])
    let rules = try value("components", "schemas", "shop.v1.Thing", "allOf") as? [Any]
    #expect(rules?.count == 1)
    let unused = try value("components", "schemas", "shop.v1.FindRequest")
    #expect(unused == nil)
  }
}
