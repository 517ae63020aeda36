internal import IdentityService
internal import ServiceKit

/// Identity as a program.
@main
struct Identity {
  static func main() async {
    // Standard output, not the log: what is told here is for whoever starts the program alone.
    await ServiceProgram(.identity { StandardOutput.write(line: $0) }).run()
  }
}
