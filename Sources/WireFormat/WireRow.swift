public import Causality
public import ProfileModel

/// A row as a frame carries it.
public struct WireRow: Hashable, Sendable {
    public let id: RowID
    public let kind: RowKind
    public let body: Body

    /// A row with all its values, or without those that the receiver holds.
    public enum Body: Hashable, Sendable {
        case whole(CompactRow)
        /// Without the values that the receiver evidently holds.
        case lean(LeanRow)
        /// None of its values: it has left a scope that the receiver holds.
        case departed(DepartedRow)
    }

    public init(id: RowID, kind: RowKind, body: Body) {
        self.id = id
        self.kind = kind
        self.body = body
    }

    /// A row without the writes that the receiver is believed to hold; whole where leaving them out saves nothing.
    ///
    /// - Parameters:
    ///   - key: the deployment's, for the fingerprint.
    ///   - isHeld: a guess; a wrong one costs a round trip, never a value.
    public init(id: RowID, kind: RowKind, row: CompactRow, key: HashKey, isHeld: (Dot) -> Bool) {
        let lean = LeanRow(of: row, id: id, kind: kind, key: key, isHeld: isHeld)
        self.init(id: id, kind: kind, body: lean.map { .lean($0) } ?? .whole(row))
    }
}
