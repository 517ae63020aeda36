import COpenSSL
import Glibc

/// Who the peer is, by a certificate that a trusted authority signed.
public struct PeerCertificate: Sendable, Hashable {
  /// The subject's common name.
  public let commonName: String?
  /// Its DNS names.
  public let dnsNames: [String]
}

/// The TLS of one connection. It belongs to the connection's loop.
@safe
final class TLSSession {
  enum Handshake { case done, wantsRead, wantsWrite, failed(String) }

  private let configuration: TLSContext.Configuration
  private let ssl: OpaquePointer
  private let isServer: Bool
  private var isAttached = false
  private var isBroken = false
  /// Is given the sessions that the server issues.
  var keepsSession: ((ResumableSession) -> Void)?

  init(_ configuration: TLSContext.Configuration, isServer: Bool) {
    self.configuration = configuration
    self.isServer = isServer
    guard let ssl = unsafe SSL_new(configuration.context) else {
      preconditionFailure("the system has no memory for a TLS session")
    }
    unsafe self.ssl = ssl
    unsafe SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    if isServer { unsafe SSL_set_accept_state(ssl) } else { unsafe SSL_set_connect_state(ssl) }
  }

  deinit { unsafe SSL_free(ssl) }

  static func owner(of ssl: OpaquePointer) -> TLSSession? {
    unsafe SSL_get_ex_data(ssl, 0).map {
      unsafe Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// The socket to speak over.
  func attach(_ descriptor: Int32) {
    unsafe SSL_set_fd(ssl, descriptor)
  }

  /// The name that the server's certificate must bear, a DNS name or an address.
  func expect(_ serverName: String?) {
    guard let serverName else { return }
    let parameters = unsafe SSL_get0_param(ssl)
    if SocketAddress(serverName, port: 0) != nil {
      unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName)
    } else {
      unsafe sarai_ssl_set_host_name(ssl, serverName)
      unsafe SSL_set1_host(ssl, serverName)
    }
  }

  func resume(_ session: ResumableSession) {
    unsafe SSL_set_session(ssl, session.session)
  }

  /// What ALPN chose.
  var protocolName: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &name, &count)
    guard let name = unsafe name, count > 0 else { return nil }
    return unsafe String(
      decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  /// Whether decrypted bytes wait to be read.
  var hasPendingBytes: Bool { unsafe SSL_pending(ssl) > 0 }

  /// Whether the handshake went on from an earlier session.
  var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

  func shakeHands() -> Handshake {
    ERR_clear_error()
    let status = unsafe SSL_do_handshake(ssl)
    if status == 1 { return .done }
    switch unsafe SSL_get_error(ssl, status) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    default:
      isBroken = true
      return .failed(lastError())
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Outcome {
    ERR_clear_error()
    return unsafe outcome(SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count)))
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Socket.Outcome {
    ERR_clear_error()
    return unsafe outcome(SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count)))
  }

  private func outcome(_ status: Int32) -> Socket.Outcome {
    if status > 0 { return .bytes(Int(status)) }
    switch unsafe SSL_get_error(ssl, status) {
    case SSL_ERROR_SSL:
      // The peer broke the rules of TLS, which is no error of the socket: errno is another's.
      isBroken = true
      return .failed(EPROTO)
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      return .notReady
    case SSL_ERROR_ZERO_RETURN: return .bytes(0)
    default:
      isBroken = true
      return .failed(errno == 0 ? ECONNRESET : errno)
    }
  }

  /// Tells the peer that nothing more comes, as far as the socket takes it at once.
  func shutDown() {
    if !isBroken { unsafe SSL_shutdown(ssl) }
    ERR_clear_error()
  }

  private func lastError() -> String {
    let verification = unsafe SSL_get_verify_result(ssl)
    let number = ERR_get_error()
    ERR_clear_error()
    if verification != X509_V_OK {
      return unsafe String(cString: X509_verify_cert_error_string(verification))
    }
    guard number != 0, let reason = unsafe ERR_reason_error_string(number) else {
      return "the peer closed the connection"
    }
    return unsafe String(cString: reason)
  }

  /// The peer's certificate; nil if it showed none.
  var peerCertificate: PeerCertificate? {
    guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
    defer { unsafe X509_free(certificate) }
    return unsafe PeerCertificate(
      commonName: Self.commonName(of: certificate), dnsNames: Self.dnsNames(of: certificate))
  }

  private static func commonName(of certificate: OpaquePointer) -> String? {
    var text = [CChar](repeating: 0, count: 256)
    let count = unsafe X509_NAME_get_text_by_NID(
      X509_get_subject_name(certificate), NID_commonName, &text, Int32(text.count))
    guard count > 0 else { return nil }
    return String(decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func dnsNames(of certificate: OpaquePointer) -> [String] {
    guard let names = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
      return []
    }
    let stack = OpaquePointer(names)
    defer { unsafe GENERAL_NAMES_free(stack) }
    return unsafe (0..<OPENSSL_sk_num(stack)).compactMap { index in
      guard let element = unsafe OPENSSL_sk_value(stack, index) else { return nil }
      let name = unsafe element.assumingMemoryBound(to: GENERAL_NAME.self)
      guard unsafe name.pointee.type == GEN_DNS, let text = unsafe name.pointee.d.dNSName else {
        return nil
      }
      return unsafe String(
        decoding: UnsafeBufferPointer(
          start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text))),
        as: UTF8.self)
    }
  }
}
