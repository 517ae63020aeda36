import SampleService
import ServiceKit

/// The guest book as a program.
@main
struct SampleProgram {
  static func main() async { await ServiceProgram(GuestBook.definition).run() }
}
