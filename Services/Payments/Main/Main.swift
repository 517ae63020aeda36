import PaymentsService
import ServiceKit

/// The program.
@main
struct PaymentsMain {
  static func main() async { await ServiceProgram(PaymentsProgram.definition).run() }
}
