public import Causality
public import ProfileModel
public import ProfileStore
internal import RuleLanguage

/// A value of a customer as a list shows it.
public enum FoundValue: Sendable, Equatable {
    case text(String)
    /// The elements of a set, in the order of their bytes.
    case list([String])
}

/// A customer in a list of what was found.
public struct FoundCustomer: Sendable {
    /// The id of the profile: linked records are one customer.
    public let id: RowID
    public let kind: RowKind
    public let code: String?
    public let scope: String
    public let isDeleted: Bool
    public let why: [FindReason]
    /// The columns asked for, in their order; nil where the customer holds nothing.
    public let fields: [(name: String, value: FoundValue?)]
}

/// One page of what was found.
public struct FindOutcome: Sendable {
    public let rows: [FoundCustomer]
    /// How many customers there are on all pages.
    public let total: Int
    /// Where the next page begins; nil where this is the last.
    public let next: String?
}

extension Node {
    /// The columns of a list where no others are asked for.
    public static let defaultColumns = ["name", "phone", "company", "region", "city", "stage", "owner", "tags"]

    /// Finds customers by words or by an expression; without a text it lists all.
    ///
    /// The search index is caught up first where customers have changed since.
    ///
    /// - Parameters:
    ///   - limit: at least 1.
    ///   - cursor: `next` of the page before.
    ///   - columns: names or labels of fields, or `external_ids` and `tags`.
    /// - Throws: the codes of `RuleLanguage`, among them `rules.unknown-field` with the nearest name;
    ///   `node.unknown-field` for a column; `store.bad-cursor`.
    public func find(_ text: String?, limit: Int = 100, after cursor: String? = nil, columns: [String]? = nil) throws -> FindOutcome {
        try catchUpSearchIfBehind()
        return try store.read { reader in
            let input = try FieldInput(reader)
            let shown = try (columns ?? Node.defaultColumns).map(input.field)
            let page: FoundPage
            switch try text.map(Query.parse) {
            case .freeText(let words)?: page = try reader.search(words, limit: limit, after: cursor)
            case .expression(let expression)?:
                page = try reader.find(reader.query(expression, input), limit: limit, after: cursor)
            case nil: page = try reader.find(CustomerQuery(nil, QueryFields(input.catalogue)), limit: limit, after: cursor)
            }
            let rows = try page.profiles.compactMap { found in
                try reader.profile(of: found.id).map { FoundCustomer($0, why: found.why, columns: shown, code: input.catalogue["code"]) }
            }
            return FindOutcome(rows: rows, total: page.total, next: page.next)
        }
    }

    /// Every customer that an expression or words find, linked records once, in the order of their ids: what
    /// `edit --where`, `assign` and `export` work on.
    ///
    /// - Complexity: sixteen bytes a match; rows are not kept.
    /// - Throws: the codes of `RuleLanguage`.
    public func matching(_ text: String) throws -> [RowID] {
        try catchUpSearchIfBehind()
        return try store.read { reader in
            var found: [RowID] = []
            switch try Query.parse(text) {
            case .freeText(let words): try reader.forEachMatch(words: words) { found.append($0) }
            case .expression(let expression):
                try reader.forEachMatch(reader.query(expression, FieldInput(reader))) { found.append($0) }
            }
            return found.sorted()
        }
    }

    /// Every customer in a segment: whom an expression finds.
    ///
    /// - Throws: the codes of `RuleLanguage`; words to search for are no expression.
    func members(ofSegment expression: String) throws -> Set<RowID> {
        try catchUpSearchIfBehind()
        return try store.read { reader in
            var found: Set<RowID> = []
            try reader.forEachMatch(reader.segment(expression, FieldInput(reader))) { found.insert($0) }
            return found
        }
    }

    /// Brings the search index up where customers have changed since: a short write, and none where nothing has.
    private func catchUpSearchIfBehind() throws {
        if try store.read({ try $0.isSearchBehind() }) { try catchUpSearch() }
    }
}

extension StoreReader {
    /// The query of a segment.
    func segment(_ expression: String, _ input: FieldInput) throws -> CustomerQuery { try query(Expression.parse(expression), input) }

    /// An expression checked against the fields of this node, its values in their standard forms.
    func query(_ expression: Expression, _ input: FieldInput) throws -> CustomerQuery {
        let fields = QueryFields(input.catalogue)
        return CustomerQuery(try expression.check(against: fields).standardized(input, fields), fields)
    }
}

extension Expression {
    /// The expression with each value that a field's values are compared to as the field writes it: 男 is `male`,
    /// 138 0013 8000 is `+8613800138000`. A value without a standard form stays as it is.
    fileprivate func standardized(_ input: FieldInput, _ fields: QueryFields) -> Expression {
        switch self {
        case .not(let operand): return .not(operand.standardized(input, fields))
        case .and(let operands): return .and(operands.map { $0.standardized(input, fields) })
        case .or(let operands): return .or(operands.map { $0.standardized(input, fields) })
        case .condition(let condition):
            guard let field = fields.catalogueField(named: condition.subject.fieldName) else { return self }
            func standard(_ literal: Literal) -> Literal {
                guard literal.kind == .text, let bytes = try? input.bytes(literal.written, for: field),
                    let value = FieldValue(bytes: bytes), value.tag == .text else { return literal }
                return Literal(text: value.plainText, column: literal.column)
            }
            switch condition.test {
            case .compare(let comparison, let literal) where comparison == .equal || comparison == .notEqual:
                return .condition(Condition(condition.subject, .compare(comparison, standard(literal))))
            case .isIn(let literals): return .condition(Condition(condition.subject, .isIn(literals.map(standard))))
            default: return self
            }
        }
    }
}

extension FoundCustomer {
    init(_ profile: Profile, why: [FindReason], columns: [Field], code: Field?) {
        id = profile.id
        kind = profile.kind
        self.code = code.flatMap { profile.value($0)?.plainText }
        scope = profile.scope
        isDeleted = profile.isDeleted
        self.why = why
        fields = columns.map { field in
            if field.isSet {
                let elements = profile.elements(field.id).map(\.element.plainText)
                return (field.name, elements.isEmpty ? nil : .list(elements))
            }
            return (field.name, profile.value(field).map { .text($0.plainText) })
        }
    }
}
