import RPC
import RPCContracts
import WellKnownTypes
import Wire

extension RPCError {
  /// The failure as it travels.
  var status: SaraiRPC.Status {
    SaraiRPC.Status(
      code: Int32(code.rawValue), message: message,
      details: details.map {
        GoogleProtobuf.AnyMessage(typeUrl: $0.typeURL, value: $0.value)
      })
  }

  /// A failure that travelled; `code` is what counts when the two differ.
  init(_ code: RPCCode, _ status: SaraiRPC.Status) {
    self.init(
      code, status.message,
      details: status.details.map { Detail(typeURL: $0.typeUrl, value: $0.value) })
  }

  /// The bytes of the status.
  func statusBytes(as encoding: Encoding) -> [UInt8] {
    (try? status(as: encoding).encoded(as: encoding, options: SaraiRPC.Status.coding)) ?? []
  }

  /// The failure as it travels in an encoding: JSON has no form for details of other types.
  func status(as encoding: Encoding) -> SaraiRPC.Status {
    var status = status
    if encoding == .json {
      status.details.removeAll {
        (try? $0.encoded(as: .json, options: SaraiRPC.Status.coding)) == nil
      }
    }
    return status
  }
}

extension SaraiRPC.Status {
  /// Knows the messages that stand in `details`.
  static let coding: CodingOptions = {
    var options = CodingOptions()
    options.types = TypeRegistry([
      SaraiRPC.ErrorInfo.layout, SaraiRPC.FieldViolations.layout, SaraiRPC.RetryInfo.layout,
      SaraiRPC.ResourceInfo.layout, SaraiRPC.PreconditionFailure.layout,
      SaraiRPC.QuotaFailure.layout, SaraiRPC.LocalizedMessage.layout, SaraiRPC.RequestInfo.layout,
      SaraiRPC.Help.layout,
    ])
    return options
  }()
}

extension RPCCode {
  /// A code as a header says it; what is no code of ours is `unknown`.
  init(header text: Span<UInt8>) {
    var value = 0
    for index in text.indices {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = text[index], value < 100 else {
        self = .unknown
        return
      }
      value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
    }
    self = text.isEmpty ? .unknown : RPCCode(rawValue: value) ?? .unknown
  }

  /// The HTTP status of a failed JSON call, as google.rpc.Code maps it.
  var httpStatus: Int {
    switch self {
    case .ok: 200
    case .cancelled: 499
    case .invalidArgument, .failedPrecondition, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .aborted, .alreadyExists: 409
    case .resourceExhausted: 429
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .unknown, .internal, .dataLoss: 500
    }
  }

  /// What a client makes of an HTTP status that no service gave.
  init(httpStatus: Int) {
    switch httpStatus {
    case 400: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 429, 502, 503, 504: self = .unavailable
    default: self = .unknown
    }
  }
}

/// `grpc-message`: UTF-8 in which everything but visible ASCII without `%` is percent-encoded.
enum GRPCMessage {
  /// The message, or as much of its beginning as has room.
  static func encode(_ message: String, byteCountMax: Int = .max) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for character in message.unicodeScalars {
      let before = bytes.count
      for byte in character.utf8 {
        if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
          bytes.append(byte)
        } else {
          bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
      }
      if bytes.count > byteCountMax {
        bytes.removeSubrange(before...)
        break
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What is not properly encoded stays as it is.
  static func decode(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let high = hexValue(text[index + 1]), let low = hexValue(text[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
