import CSQLite

/// A copy of a database that is being written, page by page: the connection that writes does it
/// between its transactions, and what it writes meanwhile goes into the copy, too.
/// https://sqlite.org/c3ref/backup_finish.html
@safe
final class SQLiteBackup: @unchecked Sendable {
  // Sendable, because it is only used on the thread of the connection that writes.
  private let target: OpaquePointer
  private var backup: OpaquePointer?

  /// About a millisecond's work, for which writers wait.
  private static let pagesAtOnce: Int32 = 256

  init(of source: OpaquePointer, to path: String) throws(StorageError) {
    var opened: OpaquePointer?
    let status = unsafe sqlite3_open_v2(
      path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      unsafe sqlite3_close_v2(opened)
      throw StorageError(.unavailable, "cannot make \(path)")
    }
    // The file is synced once, when it is whole.
    unsafe sqlite3_exec(
      opened, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", nil, nil, nil)
    guard let backup = unsafe sqlite3_backup_init(opened, "main", source, "main") else {
      unsafe sqlite3_close_v2(opened)
      throw StorageError(.unavailable, "cannot begin a copy to \(path)")
    }
    unsafe target = opened
    unsafe self.backup = backup
  }

  deinit {
    finish()
    unsafe sqlite3_close_v2(target)
  }

  /// Lets go of the connection that writes, and makes the copy one file, without a log beside it.
  func finish() {
    if unsafe backup == nil { return }
    unsafe sqlite3_backup_finish(backup)
    unsafe backup = nil
    unsafe sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nil, nil, nil)
  }

  /// Copies the next pages.
  ///
  /// - Returns: how much is done, and whether that is all.
  func step() throws(StorageError) -> (done: Int, of: Int, isOver: Bool) {
    let status = unsafe sqlite3_backup_step(backup, Self.pagesAtOnce)
    guard status == SQLITE_OK || status == SQLITE_DONE || status == SQLITE_BUSY else {
      let reason = unsafe String(cString: sqlite3_errstr(status))
      throw StorageError(.unavailable, "the copy failed: \(reason)")
    }
    let total = Int(unsafe sqlite3_backup_pagecount(backup))
    return (
      total - Int(unsafe sqlite3_backup_remaining(backup)), total, status == SQLITE_DONE
    )
  }
}
