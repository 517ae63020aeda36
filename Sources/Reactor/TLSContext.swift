import COpenSSL
import Glibc
import Platform

/// Why TLS cannot be set up.
public struct TLSError: Error, CustomStringConvertible {
  /// What is wrong with which file, and what OpenSSL says of it.
  public let description: String

  init(_ what: String) {
    let number = ERR_get_error()
    ERR_clear_error()
    let reason =
      unsafe number == 0
      ? "" : ERR_reason_error_string(number).map { unsafe ": " + String(cString: $0) } ?? ""
    description = what + reason
  }
}

/// Which files TLS reads, and who is trusted.
public struct TLSFiles: Sendable {
  /// This side's certificate, then those between it and the authority (PEM).
  public var certificateChain: String?
  /// The certificate's private key (PEM).
  public var privateKey: String?
  /// The authorities that the other side's certificate must come from (PEM); nil on a client for
  /// those of the system, on a server to ask for no certificate.
  public var trustedAuthorities: String?

  /// Files by their paths.
  public init(
    certificateChain: String? = nil, privateKey: String? = nil, trustedAuthorities: String? = nil
  ) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.trustedAuthorities = trustedAuthorities
  }
}

/// What the TLS sessions of a server or of a client have in common; certificates can be exchanged
/// while it is in use.
///
/// TLS 1.3, and 1.2 with AEAD suites and ephemeral keys; nothing older.
public final class TLSContext: Sendable {
  /// Whose sessions these are.
  public enum Role: Sendable { case server, client }

  private let role: Role
  private let protocolNames: [String]
  private let current: Lock<Configuration>
  /// The session that a client last got from each server, to be resumed.
  private let resumable = Lock<[String: ResumableSession]>([:])

  /// - Parameter protocolNames: what ALPN offers or accepts, the best first.
  /// - Throws: `TLSError` that names the file.
  public init(
    _ role: Role, _ files: TLSFiles, protocolNames: [String] = ["h2", "http/1.1"]
  ) throws(TLSError) {
    self.role = role
    self.protocolNames = protocolNames
    current = Lock(try Configuration(role, files, protocolNames))
  }

  /// Reads the files anew; sessions that are there go on with what they began with. When a file is
  /// wrong, everything stays as it was.
  public func reload(_ files: TLSFiles) throws(TLSError) {
    let new = try Configuration(role, files, protocolNames)
    current.withLock { $0 = new }
    resumable.withLock { $0.removeAll() }
  }

  enum Side { case server, client(serverName: String?) }

  func session(_ side: Side) -> TLSSession {
    let configuration = current.withLock { $0 }
    switch side {
    case .server: return TLSSession(configuration, isServer: true)
    case .client(let serverName):
      let session = TLSSession(configuration, isServer: false)
      session.expect(serverName)
      if let serverName {
        if let old = resumable.withLock({ $0[serverName] }) { session.resume(old) }
        session.keepsSession = { [weak self] new in self?.keep(new, for: serverName) }
      }
      return session
    }
  }

  private func keep(_ session: ResumableSession, for serverName: String) {
    resumable.withLock { sessions in
      // A client speaks to few servers; forgetting costs a full handshake each, nothing else.
      if sessions.count >= 256 { sessions.removeAll() }
      sessions[serverName] = session
    }
  }

  /// OpenSSL's SSL_CTX with what the files held. Sendable: OpenSSL counts its references
  /// atomically, and nothing changes it once it is made.
  @safe
  final class Configuration: @unchecked Sendable {
    let context: OpaquePointer

    init(_ role: Role, _ files: TLSFiles, _ protocolNames: [String]) throws(TLSError) {
      let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
      guard let context = unsafe SSL_CTX_new(method) else { throw TLSError("no TLS") }
      unsafe self.context = context
      unsafe sarai_ssl_ctx_set_min_version(context, TLS1_2_VERSION)
      // ECDHE with AES-GCM or ChaCha20-Poly1305 is all of TLS 1.2 that is left without known flaws.
      unsafe SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20")
      unsafe SSL_CTX_set_options(
        context,
        sarai_ssl_options())
      // Idle connections give their buffers back; a write may go on from another buffer.
      unsafe sarai_ssl_ctx_set_mode(
        context,
        Int(
          SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
      try loadCertificate(files)
      try loadAuthorities(files, role)
      try setProtocols(protocolNames, role)
    }

    deinit { unsafe SSL_CTX_free(context) }

    private func loadCertificate(_ files: TLSFiles) throws(TLSError) {
      guard let chain = files.certificateChain, let key = files.privateKey else { return }
      ERR_clear_error()
      guard unsafe SSL_CTX_use_certificate_chain_file(context, chain) == 1 else {
        throw TLSError("cannot read the certificate chain \(chain)")
      }
      guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
        throw TLSError("cannot read the private key \(key), or it is not that of \(chain)")
      }
    }

    private func loadAuthorities(_ files: TLSFiles, _ role: Role) throws(TLSError) {
      if let authorities = files.trustedAuthorities {
        guard unsafe SSL_CTX_load_verify_locations(context, authorities, nil) == 1 else {
          throw TLSError("cannot read the trusted authorities \(authorities)")
        }
        let demand = role == .server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | demand, nil)
        if role == .server {
          unsafe SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(authorities))
        }
      } else if role == .client {
        unsafe SSL_CTX_set_default_verify_paths(context)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
      }
      // Resumption is refused between configurations that trust differently.
      let identity = Array("sarai".utf8)
      unsafe SSL_CTX_set_session_id_context(context, identity, UInt32(identity.count))
    }

    private func setProtocols(_ names: [String], _ role: Role) throws(TLSError) {
      // Length-prefixed, RFC 7301 section 3.1.
      let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
      switch role {
      case .client:
        unsafe SSL_CTX_set_alpn_protos(context, list, UInt32(list.count))
        unsafe sarai_ssl_ctx_set_session_cache_mode(
          context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        unsafe SSL_CTX_sess_set_new_cb(context) { ssl, session in
          guard let ssl = unsafe ssl, let session = unsafe session,
            let owner = unsafe TLSSession.owner(of: ssl)
          else { return 0 }
          owner.keepsSession?(unsafe ResumableSession(session))
          // The reference is ours now.
          return 1
        }
      case .server:
        protocolList = list
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_alpn_select_cb(
          context,
          { _, out, outLength, theirs, theirsLength, owner in
            guard let owner = unsafe owner else { return SSL_TLSEXT_ERR_NOACK }
            let ours = unsafe Unmanaged<Configuration>.fromOpaque(owner).takeUnretainedValue()
              .protocolList
            return unsafe ours.withUnsafeBufferPointer { ours in
              var chosen: UnsafeMutablePointer<UInt8>?
              let status = unsafe sarai_ssl_alpn_select(
                &chosen, outLength, ours.baseAddress, UInt32(ours.count), theirs, theirsLength)
              unsafe out?.pointee = UnsafePointer(chosen)
              // A peer that speaks none of ours is told so, RFC 7301 section 3.2.
              return status == OPENSSL_NPN_NEGOTIATED
                ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
            }
          }, owner)
      }
    }

    private var protocolList: [UInt8] = []
  }
}

/// A session of earlier that a new connection to the same server can go on with.
@safe
final class ResumableSession: @unchecked Sendable {
  // Sendable: OpenSSL counts references atomically and does not change a session that is kept.
  let session: OpaquePointer

  init(_ session: OpaquePointer) { unsafe self.session = session }

  deinit { unsafe SSL_SESSION_free(session) }
}
