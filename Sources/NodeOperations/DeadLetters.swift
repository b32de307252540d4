internal import Causality
internal import ProfileModel
public import ProfileStore

/// A dead letter with the system it was for.
public struct ListedDeadLetter: Sendable {
    public let connector: String
    public let letter: DeadLetter
}

extension Node {
    /// What could not be written or read in systems outside and waits for somebody; the oldest first.
    ///
    /// - Throws: `crm.no-such-connector`.
    public func deadLetters(of names: [String] = []) throws -> [ListedDeadLetter] {
        try store.read { reader in
            let names = try names.isEmpty ? reader.connectorStates().map(\.name) : names.map { try reader.connector(named: $0).name }
            return try names.flatMap { name in try reader.deadLetters(name).map { ListedDeadLetter(connector: name, letter: $0) } }
        }
    }

    /// Has letters tried again at the next push; how many there were.
    ///
    /// - Parameter numbers: nothing means all.
    /// - Throws: `crm.no-such-letter`.
    public func retryDeadLetters(_ numbers: [Int64], of connector: String? = nil) throws -> Int {
        try settle(numbers, of: connector) { name, letter, writer in
            if let record = letter.record {
                try writer.enqueue(record, object: letter.object, remoteID: letter.remoteID, connector: name)
            }
            try writer.removeDeadLetter(letter.number)
        }
    }

    /// Puts letters away: the same values are not tried again; how many there were.
    ///
    /// - Throws: `crm.no-such-letter`.
    public func discardDeadLetters(_ numbers: [Int64], of connector: String? = nil) throws -> Int {
        try settle(numbers, of: connector) { _, letter, writer in try writer.discardDeadLetter(letter.number) }
    }

    private func settle(
        _ numbers: [Int64], of connector: String?, _ body: (String, DeadLetter, StoreWriter) throws -> Void
    ) throws -> Int {
        let listed = try deadLetters(of: connector.map { [$0] } ?? [])
        for number in numbers where !listed.contains(where: { $0.letter.number == number }) {
            throw NodeError("crm.no-such-letter", ["number": String(number)])
        }
        let meant = listed.filter { numbers.isEmpty || numbers.contains($0.letter.number) }
        try store.write { writer in for entry in meant { try body(entry.connector, entry.letter, writer) } }
        return meant.count
    }
}
