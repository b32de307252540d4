public import Causality
public import ProfileModel
internal import ProfileStore

/// A row that no other node has acknowledged.
public struct UnsentRow: Sendable {
    public let id: RowID
    public let kind: RowKind
}

extension Node {
    /// What `status` counts as unsent, in the order in which it changed.
    public func unsentRows() throws -> [UnsentRow] {
        try store.read { reader in
            let acknowledged = try reader.neighbours().map(\.acknowledged).max() ?? 0
            return try reader.pendingRows(after: acknowledged).map { UnsentRow(id: $0.id, kind: $0.kind) }
        }
    }
}
