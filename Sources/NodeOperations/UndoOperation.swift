public import Causality
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore

/// What undoing an operation did.
public struct UndoOutcome: Sendable {
    public let undone: OperationID
    /// How many cells were put back.
    public let cells: Int
    /// The cells that others have changed since, which are left.
    public let kept: [KeptCell]
    public let operation: OperationID?

    /// A cell that was left as others made it.
    public struct KeptCell: Sendable, Hashable {
        public let record: RowID
        public let field: FieldID
    }
}

extension Node {
    /// Reverses an operation of this node by new writes where its dots still stand; without a name the newest that is not
    /// undone yet.
    ///
    /// All is one transaction: what is stopped has undone nothing.
    ///
    /// - Parameter progress: how many rows are done, and of how many.
    /// - Throws: `node.nothing-to-undo`, `node.unknown-operation`, `node.already-undone`, `node.erase-stands`, `node.cancelled`.
    public func undo(_ operation: OperationID?, progress: (_ rows: Int, _ of: Int) -> Void = { _, _ in }) throws -> UndoOutcome {
        let target = try store.read { reader in
            if let operation {
                guard let found = try reader.operation(operation) else {
                    throw NodeError("node.unknown-operation", ["operation": operation.description])
                }
                if found.command == Node.eraseCommand { throw NodeError("node.erase-stands") }
                if found.undoneBy != nil { throw NodeError("node.already-undone", ["operation": operation.description]) }
                return found
            }
            guard let newest = try reader.operations().first(where: { $0.undoneBy == nil && !$0.command.hasPrefix("undo") }) else {
                throw NodeError("node.nothing-to-undo")
            }
            if newest.command == Node.eraseCommand { throw NodeError("node.erase-stands") }
            return newest
        }
        let (result, undo, _) = try operate("undo \(target.id)") { edition in
            let result = try edition.undo(target) { rows in
                if isCancelled() { throw NodeError("node.cancelled") }
                progress(rows, max(rows, target.rows))
            }
            try edition.writer.mark(target.id, undoneBy: edition.operation)
            for operation in try edition.writer.operations(undoneBy: target.id) { try edition.writer.mark(operation, undoneBy: nil) }
            return result
        }
        return UndoOutcome(undone: target.id, cells: result.cells, kept: result.kept, operation: undo)
    }
}

extension Edition {
    /// So many rows are in memory at once.
    private static let rowsInHand = 1_000

    /// - Parameter advance: told how many rows are done, now and then.
    fileprivate func undo(_ target: LoggedOperation, advance: (_ rows: Int) throws -> Void) throws -> (cells: Int, kept: [UndoOutcome.KeptCell]) {
        var cells = 0, rows = 0, kept: Set<UndoOutcome.KeptCell> = []
        var page = try writer.history(ofOperation: target.id, limit: Edition.rowsInHand)
        while let earliest = page.first {
            for entry in page.reversed() {
                if try putBack(entry) { cells += 1 } else { kept.insert(.init(record: entry.record, field: FieldID(rawValue: entry.cell.field))) }
            }
            try writeOut()
            rows += Set(page.map(\.record)).count
            try advance(rows)
            page = try writer.history(ofOperation: target.id, before: earliest, limit: Edition.rowsInHand)
        }
        let written = target.isBulk ? try writer.rows(writtenBy: target.id) : []
        for start in stride(from: 0, to: written.count, by: Edition.rowsInHand) {
            let slice = written[start..<min(start + Edition.rowsInHand, written.count)]
            for record in slice { cells += try takeOut(target.id, from: record) }
            try writeOut()
            rows += slice.count
            try advance(rows)
        }
        return (cells, kept.sorted { ($0.record, $0.field) < ($1.record, $1.field) })
    }

    /// Whether the cell was as the operation left it, and is now as it was before.
    private func putBack(_ entry: HistoryEntry) throws -> Bool {
        let present = try draft(entry.record)?.writes(in: entry.cell) ?? []
        if let added = entry.added {
            // A copy stands for its original: what a later undo brought back can be undone in its turn.
            let ours = present.filter { $0.identity == added.identity }
            if ours.isEmpty { return false }
            if entry.replaced.isEmpty {
                try takeOut(ours, of: entry.cell, in: entry.record)
            } else {
                try replace(ours, in: entry.cell, of: entry.record, withCopiesOf: entry.replaced)
            }
            return true
        }
        guard try isUntouched(entry, present: present) else { return false }
        try replace([], in: entry.cell, of: entry.record, withCopiesOf: entry.replaced)
        return true
    }

    /// Whether a cell from which something was only removed holds what it held then: what came since has gone again, by others or by this undo.
    private func isUntouched(_ entry: HistoryEntry, present: [Write]) throws -> Bool {
        let now = Set(present.map(\.identity))
        var then = now
        for later in try writer.history(after: entry).reversed() where later.operation != entry.operation && later.operation != operation {
            if let added = later.added { then.remove(added.identity) }
            then.formUnion(later.replaced.map(\.identity))
        }
        return then == now
    }

    /// Removes what a bulk operation wrote in a row that it made.
    private func takeOut(_ operation: OperationID, from record: RowID) throws -> Int {
        guard let state = try draft(record)?.state else { return 0 }
        var cells = 0
        for (cell, writes) in state.cells.sorted(by: { $0.key < $1.key }) {
            let written = writes.filter { $0.header.operation == operation }
            if written.isEmpty { continue }
            try takeOut(written, of: cell, in: record)
            cells += 1
        }
        return cells
    }

    /// Takes what was undone out of a cell, but for what says to whom the row belongs.
    ///
    /// Without that nobody could tell any more who holds the row, and is to hear that it was undone.
    private func takeOut(_ written: [Write], of cell: CellKey, in record: RowID) throws {
        guard try kind(record)?.belongsToCustomers == true else {
            return try replace(written, in: cell, of: record, withCopiesOf: [])
        }
        switch FieldID(rawValue: cell.field) {
        case .first, .second, .scope: break
        case .content:
            let rest = try draft(record)?.writes(in: cell).filter { !written.contains($0) } ?? []
            guard rest.isEmpty, let last = written.last, let address = EventDocument.address(of: last.value) else { fallthrough }
            try replace(written, in: cell, of: record, with: address, source: last.header.source)
        default: try replace(written, in: cell, of: record, withCopiesOf: [])
        }
    }
}
