public import Causality

extension UniqueID {
    /// A version 8 id from the keyed hash of a kind and a natural key.
    public static func natural(kind: String, key: String, hashKey: HashKey) -> UniqueID {
        var key = key
        return key.withUTF8 { natural(kind: kind, key: UnsafeRawBufferPointer($0), hashKey: hashKey) }
    }

    /// The same, of a key that is at hand as UTF-8.
    public static func natural(kind: String, key: [UInt8], hashKey: HashKey) -> UniqueID {
        key.withUnsafeBytes { natural(kind: kind, key: $0, hashKey: hashKey) }
    }

    private static func natural(kind: String, key: UnsafeRawBufferPointer, hashKey: HashKey) -> UniqueID {
        var hash = SipHash128(key: hashKey)
        hash.update(kind)
        hash.update(UInt64(key.count))
        hash.update(key)
        return .version8(hash: hash.finalize())
    }

    /// The id of the customer that an external id names.
    ///
    /// - Parameter externalID: the element of `external_ids`: a tagged text `SOURCE:ID`.
    public static func customer(externalID: [UInt8], hashKey: HashKey) -> UniqueID {
        externalID.withUnsafeBytes { customer(externalID: $0, hashKey: hashKey) }
    }

    private static func customer(externalID: UnsafeRawBufferPointer, hashKey: HashKey) -> UniqueID {
        natural(kind: "customer", key: UnsafeRawBufferPointer(rebasing: externalID.dropFirst()), hashKey: hashKey)
    }

    /// The id of the customer that the first external id among cells names; nil where there is none.
    ///
    /// - Parameter cells: in the order of their keys.
    public init?(naturalIn cells: PlainCells, hashKey: HashKey) {
        let id: UniqueID? = cells.withUnsafeCells { cells in
            for index in 0..<cells.count {
                let cell = cells[index]
                if cell.field < FieldID.externalIDs.rawValue { continue }
                guard cell.field == FieldID.externalIDs.rawValue, !cell.element.isEmpty else { return nil }
                return .customer(externalID: cell.element, hashKey: hashKey)
            }
            return nil
        }
        guard let id else { return nil }
        self = id
    }
}
