public import Causality
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore

/// What an edit did.
public struct EditOutcome: Sendable {
    /// Customers that were named.
    public var matched = 0
    /// Customers that changed.
    public var changed = 0
    public var operation: OperationID?
}

/// A person's edits of one customer, already read into canonical bytes.
struct CheckedAssignments {
    struct Item {
        let field: Field
        let verb: Assignment.Verb
        /// Nothing clears.
        let values: [[UInt8]]
    }

    let items: [Item]

    /// - Throws: `node.unknown-field`, a `forms.*` problem, `node.not-a-set`, `node.not-editable`.
    init(_ assignments: [Assignment], fields: FieldInput) throws {
        items = try assignments.map { assignment in
            let field = try fields.field(assignment.field)
            if field.id == .scope { throw NodeError("node.not-editable", ["field": field.name]) }
            if assignment.verb != .set, !field.isSet { throw NodeError("node.not-a-set", ["field": field.name]) }
            let texts = field.isSet ? assignment.text.utf8.split(separator: UInt8(ascii: ";")).map { String(Substring($0)) } : [assignment.text]
            let values = try texts.filter { !$0.trimmingWhitespace.isEmpty }.map { try fields.bytes($0, for: field) }
            return Item(field: field, verb: assignment.verb, values: values)
        }
    }

    /// The cells of a customer of whom nothing else is said.
    var cells: [CellKey: [UInt8]] {
        var cells: [CellKey: [UInt8]] = [:]
        cells.reserveCapacity(items.count + 4)
        for item in items {
            let field = item.field.id.rawValue
            if !item.field.isSet {
                cells[CellKey(field: field)] = item.values.first
                continue
            }
            if item.verb == .set { cells = cells.filter { $0.key.field != field } }
            for element in item.values { cells[CellKey(field: field, element: element)] = item.verb == .remove ? nil : FieldValue.present }
        }
        return cells
    }
}

extension Node {
    /// Makes a customer.
    ///
    /// - Throws: `node.unknown-field`, `node.nothing-said`, a `forms.*` problem.
    public func add(_ kind: RowKind, _ assignments: [Assignment], tags: [String] = [], scope: String? = nil) throws -> (id: RowID, code: String?, operation: OperationID?) {
        let id = environment.newID()
        let tagging = tags.map { Assignment(field: "tags", verb: .add, text: $0) }
        let (code, operation, _) = try operate("add \(kind.name)") { edition in
            let checked = try CheckedAssignments(assignments + tagging, fields: FieldInput(edition.writer))
            var cells = checked.cells
            if cells.isEmpty { throw NodeError("node.nothing-said") }
            let home = try edition.writer.node().home(scope)
            if home != StoreWriter.rootScope { cells[CellKey(field: FieldID.scope.rawValue)] = FieldValue.bytes(text: home) }
            try edition.make(id, kind: kind, cells)
            return checked.items.last { $0.field.name == "code" }?.values.first.map { FieldValue.plainText(of: $0) }
        }
        return (id, code, operation)
    }

    /// Edits the customer that a name means.
    ///
    /// - Throws: `node.deleted` where it is deleted; `node.unknown-field`, a `forms.*` problem, `store.no-such-record`.
    public func edit(_ name: String, _ assignments: [Assignment], message: String? = nil) throws -> EditOutcome {
        let command = "edit \(name) \(Set(assignments.map(\.field)).sorted().joined(separator: " "))"
        let (changed, operation, _) = try operate(command, message: message) { edition in
            let checked = try CheckedAssignments(assignments, fields: FieldInput(edition.writer))
            return try edition.editRecord(edition.writer.record(named: name), checked)
        }
        return EditOutcome(matched: 1, changed: changed ? 1 : 0, operation: operation)
    }

    /// Edits all customers of a list, in one operation that commits in slices.
    ///
    /// - Parameters:
    ///   - isDryRun: counts without writing.
    ///   - progress: how many customers are done.
    public func edit(
        _ records: [RowID], _ assignments: [Assignment], command: String, message: String? = nil, isDryRun: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws -> EditOutcome {
        var outcome = EditOutcome(matched: records.count)
        let operation = environment.newID()
        struct Rehearsed: Error {}
        for start in stride(from: 0, to: records.count, by: 1_000) {
            if isCancelled() { throw NodeError("node.cancelled", ["rows": String(outcome.changed)]) }
            var changed = 0
            do {
                try store.write { writer in
                    changed = 0
                    let edition = try Edition(writer, author: author, operation: operation, message: message)
                    let checked = try CheckedAssignments(assignments, fields: FieldInput(writer))
                    for record in records[start..<min(start + 1_000, records.count)] where try edition.editRecord(record, checked) { changed += 1 }
                    let rows = try edition.commit()
                    if isDryRun { throw Rehearsed() }
                    if rows > 0 {
                        try writer.log(operation, author: author, command: command, message: message, rows: rows)
                        outcome.operation = operation
                    }
                }
            } catch is Rehearsed {}
            outcome.changed += changed
            progress(min(start + 1_000, records.count))
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }
}

extension Edition {
    /// Edits one customer; whether anything changed.
    func editRecord(_ record: RowID, _ checked: CheckedAssignments) throws -> Bool {
        let members = try writer.members(with: record)
        if members.isEmpty { throw StoreError.noSuchRecord(record.description) }
        if members.allSatisfy(\.isDeleted) { throw NodeError.deleted(record.description) }
        return try edit(record, members: members.map(\.id), checked)
    }

    /// Writes assignments into a record, having read its profile; what already stands alone is left as it is.
    func edit(_ record: RowID, members: [RowID], _ checked: CheckedAssignments) throws -> Bool {
        var didChange = false
        for item in checked.items {
            if item.field.isSet {
                if try editSet(record, members, item) { didChange = true }
                continue
            }
            let cell = CellKey(field: item.field.id.rawValue)
            let value = item.values.first
            let reading = try reading(cell, of: members)
            if reading.values == [value] || reading.candidates.isEmpty && value == nil { continue }
            try write(cell, value, in: record, others: members)
            didChange = true
        }
        return didChange
    }

    private func editSet(_ record: RowID, _ members: [RowID], _ item: CheckedAssignments.Item) throws -> Bool {
        let field = item.field.id.rawValue
        var present = Set<[UInt8]>()
        for member in members {
            for cell in try draft(member)?.cells(of: field) ?? [] where try reading(cell, of: members).isPresent {
                present.insert(cell.element)
            }
        }
        let wanted = Set(item.values)
        let added = item.verb == .remove ? [] : wanted.subtracting(present)
        let removed: Set<[UInt8]> = switch item.verb {
        case .set: present.subtracting(wanted)
        case .add: []
        case .remove: present.intersection(wanted)
        }
        for element in added.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try write(CellKey(field: field, element: element), FieldValue.present, in: record, others: members)
        }
        for element in removed.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try write(CellKey(field: field, element: element), nil, in: record, others: members)
        }
        return !added.isEmpty || !removed.isEmpty
    }
}
