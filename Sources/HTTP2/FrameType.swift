/// The frame types of RFC 9113 section 6.
enum FrameType {
  static var data: UInt8 { 0 }
  static var headers: UInt8 { 1 }
  static var priority: UInt8 { 2 }
  static var resetStream: UInt8 { 3 }
  static var settings: UInt8 { 4 }
  static var ping: UInt8 { 6 }
  static var goAway: UInt8 { 7 }
  static var windowUpdate: UInt8 { 8 }
  static var continuation: UInt8 { 9 }
}

/// The frame flags of RFC 9113 section 6.
enum FrameFlag {
  static var none: UInt8 { 0 }
  static var acknowledgement: UInt8 { 1 }
  static var endStream: UInt8 { 1 }
  static var padded: UInt8 { 8 }
}
