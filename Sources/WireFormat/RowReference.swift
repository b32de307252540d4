public import Causality

/// A row as a neighbour names it that most likely holds it: the first bytes of its id.
///
/// It may fit several rows, or none: who looks it up decides by other means which one is meant.
public struct RowReference: Hashable, Sendable {
    /// The id's first bytes, then zeros.
    public let id: RowID
    /// From 1 to 16.
    public let byteCount: Int

    /// A whole id.
    public init(_ id: RowID) { self.init(id, byteCount: RowReference.byteCountMaximum) }

    public init(_ id: RowID, byteCount: Int) {
        precondition((1...RowReference.byteCountMaximum).contains(byteCount), "a reference has one to sixteen bytes")
        self.byteCount = byteCount
        let high: UInt64 = byteCount >= 8 ? .max : ~(.max >> UInt64(8 * byteCount))
        let low: UInt64 = byteCount >= 16 ? .max : byteCount <= 8 ? 0 : ~(.max >> UInt64(8 * (byteCount - 8)))
        self.id = RowID(high: id.high & high, low: id.low & low)
    }

    /// A reference that hardly fits another row of a store with so many.
    ///
    /// Ids from a hash differ early: ten bits beyond the number of rows. Those of one time (version 7) differ in its
    /// milliseconds and what follows. Others are named whole.
    public init(_ id: RowID, among rows: UInt64) {
        switch id.high >> 12 & 15 {
        case 8: self.init(id, byteCount: min(max((64 - rows.leadingZeroBitCount + 10 + 7) / 8, 3), RowReference.byteCountMaximum))
        case 7: self.init(id, byteCount: 8)
        default: self.init(id)
        }
    }

    /// The ids that begin so.
    public var ids: ClosedRange<RowID> {
        let high: UInt64 = byteCount >= 8 ? 0 : .max >> UInt64(8 * byteCount)
        let low: UInt64 = byteCount >= 16 ? 0 : byteCount <= 8 ? .max : .max >> UInt64(8 * (byteCount - 8))
        return id...RowID(high: id.high | high, low: id.low | low)
    }

    static let byteCountMaximum = 16

    /// The bytes, most significant first.
    var bytes: ArraySlice<UInt8> { id.bytes.prefix(byteCount) }
}

extension RowReference: CustomStringConvertible, LosslessStringConvertible {
    /// A whole id in the groups of RFC 9562, else two hexadecimal digits a byte.
    public var description: String {
        if byteCount == RowReference.byteCountMaximum { return id.description }
        return String(id.description.filter { $0 != "-" }.prefix(2 * byteCount))
    }

    /// Reads hexadecimal digits, two a byte, with or without hyphens.
    public init?(_ text: String) {
        let digits = text.utf8.count { $0 != UInt8(ascii: "-") }
        guard digits > 0, digits <= 32, digits % 2 == 0, let id = RowID(text + String(repeating: "0", count: 32 - digits)) else { return nil }
        self.init(id, byteCount: digits / 2)
    }
}
