public import Causality
internal import ProfileModel
internal import ProfileStore

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

extension Node {
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
    fileprivate func enter(_ value: String, _ item: ReviewItem, _ fields: FieldInput) throws {
        guard let field = fields.catalogue[item.field] else { throw NodeError.unknownField(item.field, nearest: nil) }
        let assignment = Assignment(field: item.field, verb: field.isSet ? .add : .set, text: value)
        let checked = try CheckedAssignments([assignment], fields: fields)
        guard try writer.row(item.record) == nil, let beginning = item.beginning else {
            _ = try editRecord(item.record, checked)
            return
        }
        if try state(item.record) == nil {
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
