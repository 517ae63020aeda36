import Platform

/// Something to do at a time, until it is done or cancelled.
///
/// Sendable, because only the loop that made it can do anything with it.
public final class LoopTimer: @unchecked Sendable {
  fileprivate(set) var deadline: MonotonicTime
  /// Equal deadlines run in the order that they were set.
  fileprivate let order: UInt64
  /// Where the timer stands in the queue; -1 when it is in none.
  fileprivate var index = -1
  fileprivate var action: (() -> Void)?

  fileprivate init(_ deadline: MonotonicTime, _ order: UInt64, _ action: @escaping () -> Void) {
    self.deadline = deadline
    self.order = order
    self.action = action
  }

  fileprivate func isBefore(_ other: LoopTimer) -> Bool {
    deadline == other.deadline ? order < other.order : deadline < other.deadline
  }
}

/// Timers by deadline: a binary heap in which each timer knows its place, so that cancelling one
/// takes it out at once and the queue never holds what nobody waits for.
struct TimerQueue {
  private var heap: [LoopTimer] = []
  private var added: UInt64 = 0

  /// When the first timer is due; nil without timers.
  var next: MonotonicTime? { heap.first?.deadline }

  mutating func add(at deadline: MonotonicTime, _ action: @escaping () -> Void) -> LoopTimer {
    let timer = LoopTimer(deadline, added, action)
    added += 1
    timer.index = heap.count
    heap.append(timer)
    moveUp(timer.index)
    return timer
  }

  mutating func cancel(_ timer: LoopTimer) {
    timer.action = nil
    if timer.index >= 0 { remove(at: timer.index) }
  }

  /// Takes the first timer out if it is due, and gives what is to be done.
  mutating func popDue(at now: MonotonicTime) -> (() -> Void)? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    remove(at: 0)
    defer { first.action = nil }
    return first.action
  }

  private mutating func remove(at index: Int) {
    heap[index].index = -1
    let last = heap.removeLast()
    guard index < heap.count else { return }
    place(last, at: index)
    moveUp(index)
    moveDown(last.index)
  }

  private mutating func place(_ timer: LoopTimer, at index: Int) {
    heap[index] = timer
    timer.index = index
  }

  private mutating func moveUp(_ start: Int) {
    var index = start
    let timer = heap[index]
    while index > 0 {
      let parent = (index - 1) / 2
      guard timer.isBefore(heap[parent]) else { break }
      place(heap[parent], at: index)
      index = parent
    }
    place(timer, at: index)
  }

  private mutating func moveDown(_ start: Int) {
    var index = start
    let timer = heap[index]
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
      guard heap[child].isBefore(timer) else { break }
      place(heap[child], at: index)
      index = child
    }
    place(timer, at: index)
  }
}
