package import Causality
package import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// What people wrote in customers, and what of it somebody replaced who had seen it: the rest must stand on whoever holds everything.
///
/// It looks at a row before and after each operation on the node where it is made, and never at what sessions carry.
package struct WriteLedger {
    private struct Key: Hashable {
        let row: RowID
        let cell: CellKey
        let dot: Dot
    }

    private var standing: [Key: [UInt8]?] = [:]
    private var replaced: Set<Key> = []

    /// How many writes were made.
    package var count: Int { standing.count + replaced.count }

    package init() {}

    /// Does something to a row on a node, and keeps what it wrote there.
    package mutating func observe(_ row: RowID, on node: Node, _ work: () throws -> Void) throws {
        let before = try writes(of: row, on: node)
        try work()
        let after = try writes(of: row, on: node)
        for (key, value) in after where before[key] == nil { standing[key] = value }
        for key in before.keys where after[key] == nil {
            standing[key] = nil
            replaced.insert(key)
        }
    }

    /// What a node lacks of what stands, and what it has of what was replaced.
    package func disagreements(with node: Node) throws -> [String] {
        var found: [String] = [], held: [RowID: [Key: [UInt8]?]] = [:]
        func writes(of row: RowID) throws -> [Key: [UInt8]?] {
            if let known = held[row] { return known }
            let read = try self.writes(of: row, on: node)
            held[row] = read
            return read
        }
        for (key, value) in standing {
            let present = try writes(of: key.row)[key]
            if present == nil || present != .some(value) { found.append("\(key.row) lacks \(key.dot) in field \(key.cell.field)") }
        }
        for key in replaced where try writes(of: key.row)[key] != nil {
            found.append("\(key.row) has \(key.dot) in field \(key.cell.field) again")
        }
        return found.sorted()
    }

    /// What people wrote in a row that is still alive.
    private func writes(of row: RowID, on node: Node) throws -> [Key: [UInt8]?] {
        guard let state = try node.store.read({ try $0.row(row)?.state }) else { return [:] }
        var found: [Key: [UInt8]?] = [:]
        for (cell, writes) in state.cells {
            for write in writes where write.isPerson { found.updateValue(write.value, forKey: Key(row: row, cell: cell, dot: write.dot)) }
        }
        return found
    }
}
