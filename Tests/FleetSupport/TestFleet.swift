package import Causality
internal import MergeVectors
package import NodeOperations
package import ProfileModel
internal import ProfileStore
package import Replication

/// A few nodes of one deployment, each with a store of its own, and sessions between them.
package final class TestFleet {
    package let folder: TestFolder
    package private(set) var nodes: [Node] = []
    package private(set) var environments: [SimulatedEnvironment] = []
    package let transport = DirectTransport()

    package convenience init(_ count: Int) throws { try self.init(scopes: Array(repeating: [], count: count)) }

    /// - Parameter scopes: what each node holds; nothing for everything.
    package init(scopes: [[String]]) throws {
        folder = try TestFolder()
        let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))
        for (index, scopes) in scopes.enumerated() {
            let environment = SimulatedEnvironment(prefix: UInt8(index + 1), nowMicroseconds: 1_767_225_600_000_000 + Int64(index) * 10_000_000)
            environments.append(environment)
            nodes.append(try Node.found(
                home: folder["node-\(index)"], name: "node \(index)", author: "person \(index)", deployment: deployment, scopes: scopes, environment: environment
            ).node)
        }
    }

    package subscript(index: Int) -> Node { nodes[index] }

    /// Closes a node's store without a word, and opens it again.
    package func reopen(_ index: Int, isCancelled: @escaping @Sendable () -> Bool = { false }) throws {
        let home = nodes[index].store.home, author = nodes[index].author
        nodes[index] = try Node.open(home: home, author: author, environment: environments[index], isCancelled: isCancelled)
    }

    /// One session, which must end well.
    @discardableResult
    package func sync(_ caller: Int, _ answering: Int, scopes: ScopeSet = .whole) throws -> SyncReport {
        let outcome = try transport.session(from: nodes[caller], to: nodes[answering], scopes: scopes)
        if let error = outcome.error { throw error }
        return outcome.report
    }

    /// Sessions between all pairs until nothing more is to be told.
    package func settle() throws {
        var isQuiet = false
        for _ in 0..<2 * nodes.count where !isQuiet {
            isQuiet = true
            for a in nodes.indices {
                for b in nodes.indices where a != b {
                    let report = try sync(a, b)
                    if report.pulled.changes + report.pushed.changes > 0 { isQuiet = false }
                }
            }
        }
        guard isQuiet else { throw Disagreement("the fleet does not come to rest") }
        try check()
    }

    /// Checks that all nodes hold the same, show the same and keep the laws of a store.
    package func check() throws {
        for node in nodes { try StoreLaws.check(node) }
        let digests = try nodes.map { try $0.status().counts.digest }
        guard Set(digests).count == 1 else { throw Disagreement("digests \(digests)") }
        let states = try nodes.map { node in
            try Dictionary(uniqueKeysWithValues: StoreLaws.rows(node).map { ($0.id, $0.row.expanded) })
        }
        guard states.allSatisfy({ $0 == states[0] }) else { throw Disagreement("equal digests of different states") }
        let texts = try nodes.map { node in try StoreLaws.rows(node).filter(\.kind.isCustomer).map(\.id).sorted().map { try node.text(of: $0) } }
        for text in texts where text != texts[0] { throw Disagreement("the nodes show\n\(texts[0])\nand\n\(text)") }
    }
}

extension Node {
    /// All that is shown of a customer, as one text that is the same on every node.
    package func text(of record: RowID) throws -> String {
        let profile = try show(record.description)
        let values = profile.values.map { "\($0.field.name)=\($0.values.joined(separator: ";"))\($0.isConflict ? "!" : "")" }.sorted()
        let conflicts = profile.conflicts.map { conflict in
            "\(conflict.kind) \(conflict.field) shown \(conflict.shown ?? "-") of "
                + conflict.candidates.map { "\($0.value ?? "-")@\($0.dot)" }.sorted().joined(separator: ",")
        }
        return "\(profile.id) \(profile.members) \(profile.isDeleted ? "deleted" : "") \(values) tags \(profile.tags) \(conflicts.sorted())"
    }

    /// The shown text of a register.
    package func value(_ field: String, of record: RowID) throws -> String? { try show(record.description)[field].first }

    /// The conflicts of a customer: field, kind and the values of the candidates, sorted.
    package func conflicts(of record: RowID) throws -> [String] {
        var filter = ConflictFilter()
        filter.record = record.description
        return try conflicts(filter).conflicts.map { conflict in
            "\(conflict.kind.name) \(conflict.field): " + conflict.candidates.map { $0.value ?? "-" }.sorted().joined(separator: ", ")
        }
    }

    /// Edits registers and sets, written as on the command line.
    @discardableResult
    package func edit(_ record: RowID, _ assignments: String...) throws -> EditOutcome {
        try edit(record.description, assignments.map(Assignment.init))
    }

    /// Makes a person.
    package func add(_ assignments: String...) throws -> RowID { try add(.person, assignments.map(Assignment.init)).id }

    /// Imports a table that stands in a text.
    @discardableResult
    package func importText(
        _ text: String, source: String, kind: RowKind? = nil, in folder: TestFolder, named name: String = "table.csv"
    ) throws -> ImportOutcome {
        var options = ImportOptions()
        options.source = source
        options.kind = kind
        return try importTable(path: folder.file(name, text), options: options)
    }

    /// The record that a source calls by this id.
    package func record(_ name: String) throws -> RowID { try store.read { try $0.record(named: name) } }
}
