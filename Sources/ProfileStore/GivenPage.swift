internal import Causality

/// Values as one import gave them for customers that it made one after the other.
struct GivenPage {
    struct Entry {
        let customer: Int64
        let cell: CellKey
        let raw: String
    }

    /// A page is read whole for one customer.
    static let bytesMaximum = 32_768

    /// The ordinal of the first customer.
    let first: Int64
    let header: Int64
    private var content = RowBytes()

    init(first: Int64, header: Int64) {
        self.first = first
        self.header = header
    }

    var bytes: [UInt8] { content.bytes }

    var isFull: Bool { content.bytes.count >= GivenPage.bytesMaximum }

    mutating func append(_ raw: String, in cell: CellKey, of customer: Int64) {
        content.append(UInt64(customer - first))
        content.append(cell.field)
        content.append(cell.element)
        content.append(utf8: raw)
    }

    /// What stands in a page that begins with the customer `first`.
    static func entries(_ bytes: UnsafeRawBufferPointer, first: Int64) throws -> [Entry] {
        var reader = RowBytes.Reader(bytes)
        var entries: [Entry] = []
        while !reader.isAtEnd {
            let (customer, overflow) = first.addingReportingOverflow(Int64(truncatingIfNeeded: try reader.number()))
            if overflow { throw RowBytes.damaged("given") }
            let cell = CellKey(field: try reader.number(), element: try reader.bytes())
            entries.append(Entry(customer: customer, cell: cell, raw: String(decoding: try reader.bytes(), as: UTF8.self)))
        }
        return entries
    }
}
