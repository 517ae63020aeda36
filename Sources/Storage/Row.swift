/// One row of an answer, good until the closure that was given it returns. Columns count from 0.
public struct Row: ~Copyable {
  private let columns: any RowColumns
  private let index: Int

  init(_ columns: any RowColumns, _ index: Int = 0) {
    self.columns = columns
    self.index = index
  }

  /// Whether there is no value.
  public func isNull(_ column: Int) -> Bool { columns.isNull(index, column) }

  /// A whole number.
  public func integer(_ column: Int) throws(StorageError) -> Int64 {
    try columns.integer(index, column)
  }

  /// Whatever there is.
  func value(_ column: Int) throws(StorageError) -> SQLValue { try columns.value(index, column) }

  /// Whether a number is not 0.
  public func flag(_ column: Int) throws(StorageError) -> Bool { try integer(column) != 0 }

  /// A text.
  public func text(_ column: Int) throws(StorageError) -> String { try columns.text(index, column) }

  /// Bytes.
  public func bytes(_ column: Int) throws(StorageError) -> [UInt8] {
    try columns.bytes(index, column)
  }

  /// A whole number, or nil.
  public func optionalInteger(_ column: Int) throws(StorageError) -> Int64? {
    isNull(column) ? nil : try integer(column)
  }

  /// A text, or nil.
  public func optionalText(_ column: Int) throws(StorageError) -> String? {
    isNull(column) ? nil : try text(column)
  }

  /// Bytes, or nil.
  public func optionalBytes(_ column: Int) throws(StorageError) -> [UInt8]? {
    isNull(column) ? nil : try bytes(column)
  }
}

/// What an engine's answer gives of its rows.
protocol RowColumns: AnyObject {
  func isNull(_ row: Int, _ column: Int) -> Bool
  func integer(_ row: Int, _ column: Int) throws(StorageError) -> Int64
  func text(_ row: Int, _ column: Int) throws(StorageError) -> String
  func bytes(_ row: Int, _ column: Int) throws(StorageError) -> [UInt8]
  /// A value of whatever type.
  func value(_ row: Int, _ column: Int) throws(StorageError) -> SQLValue
}
