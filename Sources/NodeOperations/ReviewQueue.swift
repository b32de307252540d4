public import Causality
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// A value that a person should look at.
public struct ReviewItem: Sendable {
    /// How commands name it: the end of its row's id.
    public let key: String
    public let record: RowID
    public let field: String
    public let raw: String
    /// What the field would get; nil where nothing is proposed.
    public let proposed: String?
    /// The code of the reason.
    public let reason: String
    public let source: String?
    /// What is made where the customer is not here and the value is entered; nil where nothing can be.
    let beginning: (kind: RowKind, scope: String)?
}

/// How a review item is decided.
public enum ReviewDecision: Sendable {
    /// The proposal goes into the field.
    case accept
    /// The value is left out for good.
    case reject
    /// This value goes into the field.
    case fix(String)
}

/// Which review items a decision is about, where it is made by rule.
public struct ReviewFilter: Sendable {
    /// The field's name; nil for all.
    public var field: String?
    /// The code of the reason, or what stands behind its point: `quarantine` for `quality.quarantine`.
    public var reason: String?
    public var source: String?

    public init(field: String? = nil, reason: String? = nil, source: String? = nil) {
        self.field = field
        self.reason = reason
        self.source = source
    }

    func matches(_ item: ReviewItem) -> Bool {
        (field == nil || item.field == field) && (source == nil || item.source == source)
            && (reason == nil || item.reason == reason || item.reason.hasSuffix("." + reason!))
    }
}

/// What a decision by rule did.
public struct ReviewOutcome: Sendable {
    /// Items that the rule matched.
    public var matched = 0
    public var done = 0
    /// Items that were left: nothing is proposed for them, or the proposal is no value of the field any more.
    public var skipped = 0
    public var operation: OperationID?
}

extension Node {
    /// Decides all items that a rule matches, in one operation that commits in slices; what cannot be accepted stays open.
    ///
    /// - Throws: `node.unknown-field` where the rule names a field that there is not.
    public func decide(_ filter: ReviewFilter, accepting: Bool, isDryRun: Bool = false) throws -> ReviewOutcome {
        let wanted = try store.read { reader in
            var filter = filter
            if let field = filter.field { filter.field = try FieldInput(reader).field(field).name }
            return try reader.openReviewItems().filter { try ReviewItem($0, reader).map(filter.matches) ?? false }.map(\.id)
        }
        var outcome = ReviewOutcome(matched: wanted.count)
        let operation = environment.newID()
        struct Rehearsed: Error {}
        for start in stride(from: 0, to: wanted.count, by: 1_000) {
            if isCancelled() { throw NodeError("node.cancelled", ["rows": String(outcome.done)]) }
            var counted = outcome
            do {
                try store.write { writer in
                    counted = outcome
                    let edition = try Edition(writer, author: author, operation: operation), fields = try FieldInput(writer)
                    for id in wanted[start..<min(start + 1_000, wanted.count)] {
                        // Somebody may have decided it since the list was made.
                        guard let row = try writer.row(id, like: .review), row.state.cells[CellKey(field: FieldID.done.rawValue)] == nil,
                            let item = try ReviewItem(row, writer) else { continue }
                        if try edition.decide(item, row.id, accepting: accepting, fields) { counted.done += 1 } else { counted.skipped += 1 }
                    }
                    let rows = try edition.commit()
                    if isDryRun { throw Rehearsed() }
                    if rows > 0 {
                        try writer.log(operation, author: author, command: "review \(accepting ? "accept" : "reject") by rule", rows: rows)
                        counted.operation = operation
                    }
                }
            } catch is Rehearsed {}
            outcome = counted
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }

    /// The values that wait for a person, oldest first.
    public func reviewItems() throws -> [ReviewItem] {
        try store.read { reader in try reader.openReviewItems().compactMap { try ReviewItem($0, reader) } }
    }

    /// Decides review items, for all nodes; a fixed value is the person's own edit.
    ///
    /// - Throws: `node.no-such-item`, `node.no-proposal`, a `forms.*` problem.
    public func decide(_ keys: [String], _ decision: ReviewDecision) throws -> (done: Int, operation: OperationID?) {
        let (done, operation, _) = try operate("review") { edition in
            let open = try edition.writer.openReviewItems()
            let fields = try FieldInput(edition.writer)
            for key in keys {
                let found = open.filter { $0.id.description.hasSuffix(key.lowercased()) }
                guard found.count == 1, let item = try ReviewItem(found[0], edition.writer) else { throw NodeError("node.no-such-item", ["key": key]) }
                let word: String
                switch decision {
                case .accept:
                    guard let proposed = item.proposed else { throw NodeError("node.no-proposal", ["key": key]) }
                    try edition.enter(proposed, item, fields)
                    word = "accepted"
                case .fix(let value):
                    try edition.enter(value, item, fields)
                    word = "fixed"
                case .reject: word = "rejected"
                }
                try edition.write(CellKey(field: FieldID.done.rawValue), FieldValue.bytes(text: word), in: found[0].id)
            }
            return keys.count
        }
        return (done, operation)
    }
}

extension Edition {
    /// Decides an item by a rule; whether it could be.
    fileprivate func decide(_ item: ReviewItem, _ id: RowID, accepting: Bool, _ fields: FieldInput) throws -> Bool {
        if accepting {
            guard let proposed = item.proposed else { return false }
            do {
                try enter(proposed, item, fields)
            } catch let error as any CodedError where error is FormProblem || error is StoreError || error is NodeError { return false }
        }
        try write(CellKey(field: FieldID.done.rawValue), FieldValue.bytes(text: accepting ? "accepted" : "rejected"), in: id)
        return true
    }

    fileprivate func enter(_ value: String, _ item: ReviewItem, _ fields: FieldInput) throws {
        guard let field = fields.catalogue[item.field] else { throw NodeError.unknownField(item.field, nearest: nil) }
        let assignment = Assignment(field: item.field, verb: field.isSet ? .add : .set, text: value)
        let checked = try CheckedAssignments([assignment], fields: fields)
        guard try writer.row(item.record) == nil, let beginning = item.beginning else {
            _ = try editRecord(item.record, checked)
            return
        }
        if try kind(item.record) == nil {
            try open(item.record, kind: beginning.kind)
            try write(CellKey(field: FieldID.scope.rawValue), FieldValue.bytes(text: beginning.scope), in: item.record)
        }
        _ = try edit(item.record, members: [], checked)
    }
}

extension ReviewItem {
    init?(_ row: StoredRow, _ reader: StoreReader) throws {
        let document = try row.document(reader)
        guard let record = (document["customer"] as? String).flatMap({ UniqueID($0) }), let field = document["field"] as? String else { return nil }
        let kind = (document["kind"] as? String).flatMap { RowKind(name: $0) }
        self.init(
            key: String(row.id.description.suffix(12)), record: record, field: field, raw: document["raw"] as? String ?? "",
            proposed: document["proposed"] as? String, reason: document["reason"] as? String ?? "", source: document["source"] as? String,
            beginning: kind.map { ($0, document["scope"] as? String ?? ScopeSet.root) })
    }
}
