public import Causality
public import ProfileModel

/// A row as a frame carries it.
public struct WireRow: Hashable, Sendable {
    /// Whole, or of a lean row so much that the receiver finds it among its own.
    public let reference: RowReference
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

    public init(id: RowID, kind: RowKind, body: Body) { self.init(reference: RowReference(id), kind: kind, body: body) }

    public init(reference: RowReference, kind: RowKind, body: Body) {
        self.reference = reference
        self.kind = kind
        self.body = body
    }

    /// The id; of a lean row its first bytes.
    public var id: RowID { reference.id }

    /// A row without the writes that the receiver is believed to hold; whole where leaving them out saves nothing.
    ///
    /// - Parameters:
    ///   - key: the deployment's, for the fingerprint.
    ///   - rowCount: how many rows the receiver may hold, at most.
    ///   - isHeld: a guess; a wrong one costs a round trip, never a value.
    public init(id: RowID, kind: RowKind, row: CompactRow, key: HashKey, among rowCount: UInt64, isHeld: (Dot) -> Bool) {
        if let lean = LeanRow(of: row, id: id, kind: kind, key: key, isHeld: isHeld) {
            self.init(reference: RowReference(id, among: rowCount), kind: kind, body: .lean(lean))
        } else {
            self.init(id: id, kind: kind, body: .whole(row))
        }
    }
}
