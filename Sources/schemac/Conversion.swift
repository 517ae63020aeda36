import Terminal
import Wire

/// Converts messages of one type between standard input and standard output.
struct Conversion {
  let layout: MessageLayout
  let from: Encoding
  let to: Encoding
  let options: CodingOptions

  func convert(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
    try DynamicMessage(layout, decoding: bytes, as: from, options: options)
      .encoded(as: to, options: options)
  }

  func runOnce() throws(CommandFailure) {
    var input = StandardInput()
    do throws(WireError) {
      var result = try convert(input.rest())
      if to == .json { result.append(UInt8(ascii: "\n")) }
      Output.write(result)
    } catch {
      throw .findings("schemac: \(error)")
    }
  }

  /// Reads and writes message by message, so that a stream may be of any length.
  func runDelimited(keepsGoing: Bool) throws(CommandFailure) {
    var input = StandardInput()
    var output: [UInt8] = []
    var count = 0
    var refused = 0
    while true {
      let bytes: [UInt8]
      do throws(CommandFailure) {
        guard let message = try next(&input) else { break }
        bytes = message
      } catch {
        // What was converted before the input broke off is not lost.
        Output.write(output)
        throw error
      }
      count += 1
      do throws(WireError) {
        append(try convert(bytes), to: &output)
      } catch {
        refused += 1
        let text = "schemac: message \(count): \(error)"
        guard keepsGoing else {
          Output.write(output)
          throw .findings(text)
        }
        Output.complain(text)
      }
      if output.count > 1 << 16 {
        Output.write(output)
        output.removeAll(keepingCapacity: true)
      }
    }
    Output.write(output)
    if refused > 0 { throw .findings("schemac: \(refused) of \(count) messages refused") }
  }

  private func next(_ input: inout StandardInput) throws(CommandFailure) -> [UInt8]? {
    if from == .json { return input.line() }
    guard let length = try input.varint() else { return nil }
    guard let bytes = input.take(length) else {
      throw .findings("schemac: the input ends inside a message of \(length) bytes")
    }
    return bytes
  }

  private func append(_ bytes: [UInt8], to output: inout [UInt8]) {
    if to == .json {
      output += bytes
      output.append(UInt8(ascii: "\n"))
      return
    }
    var length = bytes.count
    while length >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: length) | 0x80)
      length >>= 7
    }
    output.append(UInt8(length))
    output += bytes
  }
}
