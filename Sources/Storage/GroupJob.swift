/// A group of inputs in one transaction. Its members are those who wait when its turn comes.
final class GroupJob<Input: Sendable, Output: Sendable>: TransactionJob {
  private let write: GroupedWrite<Input, Output>
  private var members: [GroupMember<Input, Output>]?
  /// Whether it is part of a group that failed, and so counts no longer as a group.
  private let isPart: Bool
  private var outcome: Result<[Result<Output, any Error>], any Error> = .success([])

  init(_ write: GroupedWrite<Input, Output>) {
    self.write = write
    isPart = false
  }

  private init(
    partOf write: GroupedWrite<Input, Output>, _ members: ArraySlice<GroupMember<Input, Output>>
  ) {
    self.write = write
    self.members = Array(members)
    isPart = true
  }

  private func taken() -> [GroupMember<Input, Output>] {
    if let members { return members }
    let taken = write.take()
    members = taken
    return taken
  }

  func attempt(_ session: any SQLSession) -> JobEnd {
    let members = taken()
    if members.isEmpty { return .completed }
    do {
      let results = try write.body(members.map(\.input), session)
      guard results.count == members.count else {
        throw StorageError(.invalid, "\(results.count) results for \(members.count) inputs")
      }
      outcome = .success(results)
      return .completed
    } catch let error as StorageError {
      outcome = .failure(error)
      return .failed(error)
    } catch {
      outcome = .failure(error)
      return .refused
    }
  }

  var size: Int { taken().count }

  func halves() -> [any TransactionJob] {
    let members = taken()
    guard members.count > 1 else { return [] }
    if !isPart { write.groupEnded() }
    let middle = members.count / 2
    return [
      GroupJob(partOf: write, members[..<middle]), GroupJob(partOf: write, members[middle...]),
    ]
  }

  func finish() {
    switch outcome {
    case .success(let results):
      for (member, result) in zip(taken(), results) { member.continuation.resume(with: result) }
    case .failure(let error):
      for member in taken() { member.continuation.resume(throwing: error) }
    }
    if !isPart { write.groupEnded() }
  }

  func fail(_ error: StorageError) {
    outcome = .failure(error)
    finish()
  }
}
