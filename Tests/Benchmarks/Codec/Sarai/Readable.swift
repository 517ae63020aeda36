import Wire

/// A message that shows all of its fields to a reader, in the order that peer/peer.cc has too.
///
/// Nothing is changed; `mutating` makes the compiler read in place, as the peer does. Otherwise it
/// copies every message inside a message, and counts references for each of its texts.
protocol Readable {
  mutating func read(by reader: inout some FieldReader)
}

extension Readable {
  /// The number that a reader makes of the message.
  @inline(__always)
  mutating func reading(by reader: some FieldReader) -> UInt64 {
    var reader = reader
    read(by: &reader)
    return reader.value
  }
}

extension Bench.Transfer: Readable {
  mutating func read(by reader: inout some FieldReader) {
    reader.bytes(1, id)
    reader.number(2, debitAccount)
    reader.number(3, creditAccount)
    reader.number(4, amountMinor)
    reader.number(5, ledger)
    reader.number(6, code)
    reader.number(7, flags)
    reader.number(8, createdAtMicros)
    reader.text(9, reference)
  }
}

extension Bench.Money: Readable {
  mutating func read(by reader: inout some FieldReader) {
    reader.text(1, currency)
    reader.number(2, minorUnits)
  }
}

extension Bench.PriceTier: Readable {
  mutating func read(by reader: inout some FieldReader) {
    reader.number(1, quantityMin)
    unitPrice?.read(by: &reader)
  }
}

extension Bench.Product: Readable {
  mutating func read(by reader: inout some FieldReader) {
    reader.text(1, id)
    reader.text(2, storeId)
    reader.text(3, sku)
    reader.text(4, title)
    reader.text(5, description_)
    reader.number(6, category.rawValue)
    price?.read(by: &reader)
    for index in priceTiers.indices { priceTiers[index].read(by: &reader) }
    if let dimensions {
      reader.number(1, dimensions.lengthMm)
      reader.number(2, dimensions.widthMm)
      reader.number(3, dimensions.heightMm)
      reader.number(4, dimensions.weightGrams)
    }
    if let stock {
      reader.number(1, stock.onHand)
      reader.number(2, stock.reserved)
      reader.number(3, stock.backorder ? 1 : 0)
    }
    for tag in tags { reader.text(11, tag) }
    if let hsCode { reader.text(12, hsCode) }
    if let updatedAt {
      reader.number(1, updatedAt.seconds)
      reader.number(2, updatedAt.nanos)
    }
    reader.bytes(14, pictureDigest)
    reader.number(15, published ? 1 : 0)
  }
}

extension Bench.ProductPage: Readable {
  mutating func read(by reader: inout some FieldReader) {
    for index in products.indices { products[index].read(by: &reader) }
    reader.text(2, nextPageToken)
    reader.number(3, totalCount)
  }
}
