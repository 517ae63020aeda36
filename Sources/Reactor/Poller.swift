import CLinux
import Glibc

/// What a file descriptor is ready for, or is watched for.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let readable = Readiness(rawValue: 1 << 0)
  static let writable = Readiness(rawValue: 1 << 1)
  /// An error, or both directions are closed; always watched for.
  static let hungUp = Readiness(rawValue: 1 << 2)
}

/// epoll(7), with an eventfd(2) by which other threads end a wait.
@safe
struct Poller: ~Copyable {
  /// What a descriptor became ready for; `token` says which.
  struct Event {
    var token: UInt64
    var readiness: Readiness
  }

  /// The token of the wake-up descriptor.
  private static let wakeToken = UInt64.max
  /// How many events one wait hands over; more come with the next.
  private static let eventsMax = 256

  private let epoll: Int32
  private let wakeUp: Int32
  private let buffer: UnsafeMutablePointer<epoll_event>

  init() {
    epoll = sarai_epoll_create()
    wakeUp = sarai_eventfd()
    precondition(epoll >= 0 && wakeUp >= 0, "no file descriptors are left: raise `ulimit -n`")
    unsafe buffer = .allocate(capacity: Self.eventsMax)
    control(EPOLL_CTL_ADD, wakeUp, .readable, Self.wakeToken)
  }

  deinit {
    close(epoll)
    close(wakeUp)
    unsafe buffer.deallocate()
  }

  func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
    control(EPOLL_CTL_ADD, descriptor, interest, token)
  }

  func change(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
    control(EPOLL_CTL_MOD, descriptor, interest, token)
  }

  func remove(_ descriptor: Int32) {
    control(EPOLL_CTL_DEL, descriptor, [], 0)
  }

  /// Ends the wait of the thread that waits, or the next wait.
  func wake() {
    eventfd_write(wakeUp, 1)
  }

  /// Waits until something is ready, at most `nanoseconds` (-1: for ever), and appends it.
  func wait(nanoseconds: Int64, _ events: inout [Event]) {
    let count = unsafe sarai_epoll_wait(epoll, buffer, Int32(Self.eventsMax), nanoseconds)
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let event = unsafe buffer[index]
      let token = unsafe event.data.u64
      if token == Self.wakeToken {
        var value: eventfd_t = 0
        unsafe eventfd_read(wakeUp, &value)
        continue
      }
      var readiness: Readiness = []
      if unsafe event.events & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
      if unsafe event.events & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
      if unsafe event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
        readiness.insert(.hungUp)
      }
      events.append(Event(token: token, readiness: readiness))
    }
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ interest: Readiness, _ token: UInt64
  ) {
    var event = unsafe epoll_event()
    if interest.contains(.readable) { unsafe event.events |= EPOLLIN.rawValue }
    if interest.contains(.writable) { unsafe event.events |= EPOLLOUT.rawValue }
    unsafe event.data.u64 = token
    let status = unsafe epoll_ctl(epoll, operation, descriptor, &event)
    precondition(status == 0, "epoll_ctl: the descriptor is not one of this loop's")
  }
}
