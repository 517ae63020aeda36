import WellKnownTypes
import Wire

/// The bytes of memory that the process holds, as AddressSanitizer counts them.
@_silgen_name("__sanitizer_get_current_allocated_bytes")
private func allocatedBytes() -> Int

/// Decodes within the memory that the decoder promises to keep to; nil if it refuses.
private func decode(
  _ bytes: [UInt8], as encoding: Encoding, options: CodingOptions
) -> SaraiFuzzV1.Everything? {
  // What the runtime makes once for a type.
  let slack = 16 << 10
  let before = allocatedBytes()
  let value = try? SaraiFuzzV1.Everything(decoding: bytes, as: encoding, options: options)
  let grown = allocatedBytes() - before
  let budget = options.memoryBytesBase + options.memoryMultiple * bytes.count
  require(grown <= budget + slack, "\(bytes.count) bytes became \(grown) in memory")
  return value
}

private let registry = TypeRegistry([SaraiFuzzV1.Everything.layout, SaraiFuzzV1.Scalars.layout])

private let options: CodingOptions = {
  var options = CodingOptions()
  options.memoryBytesBase = 8 << 10
  options.types = registry
  return options
}()

/// Native is canonical: what it accepts it must write back to the byte.
func examineNative(_ bytes: [UInt8]) {
  guard let value = decode(bytes, as: .native, options: options) else { return }
  let written: [UInt8]
  do {
    written = try value.encoded(as: .native, options: options)
  } catch {
    fatalError("broken: native accepts what it cannot write: \(error)")
  }
  require(written == bytes, "native wrote \(written) for the accepted \(bytes)")
}

/// What protobuf and JSON write for an accepted input must be read as the same value, and written
/// to the same bytes again; and the other encodings must carry the value too.
func examineConvertible(_ bytes: [UInt8], as encoding: Encoding) {
  guard let value = decode(bytes, as: encoding, options: options) else { return }
  checkRoundTrip(of: value, by: encoding)
  for other in Encoding.allCases where other != encoding {
    checkRoundTrip(of: value, by: other)
  }
}

/// Some values have no form in an encoding, such as a timestamp of the year 10,000 in JSON, so
/// that writing may fail; reading what was written may not.
private func checkRoundTrip(of value: SaraiFuzzV1.Everything, by encoding: Encoding) {
  guard let written = try? value.encoded(as: encoding, options: options) else { return }
  do {
    // What was accepted in one encoding may be small there and large here.
    var generous = options
    generous.memoryBytesBase = 64 << 20
    let again = try SaraiFuzzV1.Everything(decoding: written, as: encoding, options: generous)
    let rewritten = try again.encoded(as: encoding, options: options)
    require(rewritten == written, "\(encoding) wrote \(rewritten) after \(written)")
  } catch {
    fatalError("broken: \(encoding) wrote what it does not read, \(written): \(error)")
  }
}
