public import Causality
public import ProfileModel

/// Neighbouring lean rows of a frame, which are rebuilt together: one sum of fingerprints proves them all.
public enum LeanGroup {
    /// So many lean rows of a frame share a sum; the last of them fewer.
    public static let rowsMaximum = 8
    /// So many ways of taking rows that short references fit are tried.
    private static let waysMaximum = 16

    /// A row that was rebuilt.
    public struct Rebuilt: Sendable {
        public let id: RowID
        public let kind: RowKind
        public let row: CompactRow
        let fingerprint: UInt64
    }

    /// Rebuilds the rows of a group from those that the receiver holds before it joins.
    ///
    /// - Parameters:
    ///   - group: lean rows in the order of their frame.
    ///   - candidates: for each of them the rows here whose ids its reference fits.
    /// - Returns: nil where something is lacking or the sum differs: then all rows of the group are to be asked for.
    public static func rebuilt(_ group: [WireRow], from candidates: [[(id: RowID, row: CompactRow)]], key: HashKey) -> [Rebuilt]? {
        var options: [[Rebuilt]] = [], sum: UInt64 = 0, ways = 1
        for (wire, held) in zip(group, candidates) {
            guard case .lean(let lean) = wire.body else { preconditionFailure("a group is of lean rows") }
            let rows = held.compactMap { held -> Rebuilt? in
                guard let row = lean.assembled(from: held.row, id: held.id, key: key) else { return nil }
                let fingerprint = row.fingerprint(id: held.id, kind: wire.kind.rawValue, key: key).low
                return Rebuilt(id: held.id, kind: wire.kind, row: row, fingerprint: fingerprint)
            }
            ways *= rows.count
            guard ways > 0, ways <= waysMaximum else { return nil }
            options.append(rows)
            sum &+= lean.fingerprint
        }
        for way in 0..<ways {
            var rest = way
            let chosen = options.map { rows in
                defer { rest /= rows.count }
                return rows[rest % rows.count]
            }
            if chosen.reduce(0, { $0 &+ $1.fingerprint }) == sum { return chosen }
        }
        return nil
    }
}
