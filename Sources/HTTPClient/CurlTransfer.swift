internal import CCurl

/// One handle of libcurl, and what it received. It belongs to one thread.
@safe
struct CurlTransfer: ~Copyable {
  /// What the callbacks fill.
  private final class Received {
    var body: [UInt8] = []
    var head: [UInt8] = []
    let bodyBytesMax: Int
    /// More than any of our peers says in its head.
    let headBytesMax = 32 << 10

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }
  }

  private let handle: UnsafeMutableRawPointer?
  private let bodyBytesMax: Int

  init(bodyBytesMax: Int) {
    // Safe from several threads since 7.84.
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    unsafe handle = curl_easy_init()
    self.bodyBytesMax = bodyBytesMax
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  /// Sends a request and waits for its answer.
  func run(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPFailure> {
    guard let curl = unsafe handle else {
      return .failure(.notSent("libcurl has no handle left"))
    }
    unsafe curl_easy_reset(curl)
    let received = Received(bodyBytesMax: bodyBytesMax)
    var fields: UnsafeMutablePointer<curl_slist>?
    // "Expect:" takes out what libcurl would add before a long body.
    for line in ["expect:"] + request.fields.map({ "\($0.name): \($0.value)" }) {
      unsafe fields = curl_slist_append(fields, line) ?? fields
    }
    defer { unsafe curl_slist_free_all(fields) }
    let milliseconds =
      Int(request.timeout.components.seconds) * 1_000
      + Int(request.timeout.components.attoseconds / 1_000_000_000_000_000)
    let context = unsafe Unmanaged.passUnretained(received).toOpaque()
    unsafe curl_set_text(curl, CURLOPT_URL, request.url)
    unsafe curl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
    unsafe curl_set_text(curl, CURLOPT_PROXY, "")
    unsafe curl_set_long(curl, CURLOPT_NOSIGNAL, 1)
    unsafe curl_set_long(curl, CURLOPT_POST, 1)
    unsafe curl_set_long(curl, CURLOPT_TIMEOUT_MS, max(1, milliseconds))
    unsafe curl_set_list(curl, CURLOPT_HTTPHEADER, fields)
    unsafe request.body.withUnsafeBytes { body in
      _ = unsafe curl_set_body(curl, body.baseAddress, body.count)
    }
    unsafe curl_set_receiver(
      curl,
      { bytes, size, count, context in
        unsafe CurlTransfer.append(bytes, size * count, context, to: \.body, \.bodyBytesMax)
      }, context)
    unsafe curl_set_field_receiver(
      curl,
      { bytes, size, count, context in
        unsafe CurlTransfer.append(bytes, size * count, context, to: \.head, \.headBytesMax)
      }, context)
    let code = withExtendedLifetime(received) { unsafe curl_easy_perform(curl) }
    guard code == CURLE_OK else { return .failure(Self.failure(code)) }
    var status = 0
    unsafe curl_get_status(curl, &status)
    return .success(
      HTTPResponse(status: status, fields: Self.fields(of: received.head), body: received.body))
  }

  /// Takes over what arrived; taking less than all ends the transfer.
  private static func append(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    to place: ReferenceWritableKeyPath<Received, [UInt8]>, _ countMax: KeyPath<Received, Int>
  ) -> Int {
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
    guard received[keyPath: place].count + count <= received[keyPath: countMax] else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    unsafe received[keyPath: place].append(contentsOf: buffer)
    return count
  }

  private static func failure(_ code: CURLcode) -> HTTPFailure {
    let word = unsafe String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_URL_MALFORMAT,
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE:
      return .notSent(word)
    default: return .unanswered(word)
    }
  }

  /// The fields of the last head; an informational one may stand before it.
  private static func fields(of head: [UInt8]) -> [HTTPField] {
    var fields: [HTTPField] = []
    for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline) {
      if line.hasPrefix("HTTP/") { fields = [] }
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields.append(HTTPField(line[..<colon].lowercased(), String(value)))
    }
    return fields
  }
}
