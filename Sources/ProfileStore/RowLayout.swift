internal import Causality
internal import ProfileModel

/// Which cells of a row stand in columns of a table.
struct RowLayout: Sendable {
    /// A cell's column: a register's value, or all plain elements of a set, one a line.
    struct Column: Sendable {
        let field: FieldID
        let name: String
        let tag: FieldValue.Tag
        let isSet: Bool
        let policy: SurvivorshipPolicy

        var isInteger: Bool { !isSet && (tag == .integer || tag == .time || tag == .boolean) }
    }

    let table: String
    /// The columns beside those that the store needs itself.
    let derived: [String]
    let columns: [Column]
    let insertSQL: String
    /// Binds as `insertSQL` does, and then the ordinal; a row's id stays.
    let updateSQL: String
    /// The same where nothing changes by which a customer is looked up but its place in the feed: SQLite writes an index
    /// anew for each column that a statement sets.
    let updateBesideKeysSQL: String
    private let selectSQL: String
    /// Selects the row with an id.
    let selectByIDSQL: String
    private let indexByField: [Int16]

    init(table: String, derived: [String], columns: [Column]) {
        self.table = table
        self.derived = derived
        self.columns = columns
        var indexes = [Int16](repeating: -1, count: 1024)
        for (index, column) in columns.enumerated() { indexes[Int(column.field.rawValue)] = Int16(index) }
        indexByField = indexes
        let all = RowLayout.common + derived + columns.map { "\"\($0.name)\"" }
        insertSQL = "INSERT INTO \(table) (\(all.joined(separator: ", "))) VALUES (\(all.map { _ in "?" }.joined(separator: ", ")))"
        func update(besides kept: Set<String>) -> String {
            let changes = all.enumerated().filter { !kept.contains($0.element) }.map { "\($0.element) = ?\($0.offset + 1)" }
            return "UPDATE \(table) SET \(changes.joined(separator: ", ")) WHERE ordinal = ?\(all.count + 1)"
        }
        updateSQL = update(besides: ["id"])
        updateBesideKeysSQL = update(besides: Set(["id", "profile"] + RowLayout.keyNames.map { "\"\($0)\"" }))
        selectSQL = "SELECT \(all.joined(separator: ", ")), ordinal FROM \(table) WHERE "
        selectByIDSQL = selectSQL + "id = ?"
    }

    /// The fields by which customers are looked up: their columns are indexed.
    static let keyNames = ["code", "national_id", "credit_code"]

    /// The place of a field's column among `columns`.
    @inline(__always)
    func index(of field: UInt64) -> Int? {
        guard field < 1024 else { return nil }
        let index = indexByField[Int(field)]
        return index < 0 ? nil : Int(index)
    }

    static let customers = RowLayout(
        table: "customer_rows", derived: ["profile"],
        columns: FieldCatalogue.standard.fields.filter(\.hasColumn).map {
            Column(field: $0.id, name: $0.name, tag: $0.type.tag, isSet: $0.isSet, policy: $0.policy)
        })

    static let items = RowLayout(
        table: "item_rows", derived: ["owner", "other", "at", "waiting"],
        columns: [
            Column(field: .content, name: "content", tag: .json, isSet: false, policy: .latest),
            Column(field: .title, name: "title", tag: .text, isSet: false, policy: .latest),
            Column(field: .decisionRole, name: "decision_role", tag: .text, isSet: false, policy: .latest),
        ])

    static func of(_ kind: RowKind) -> RowLayout { kind.isCustomer ? customers : items }

    // MARK: Statements

    /// The columns of every table, in the order in which they are bound and read.
    static let common = ["id", "kind", "scope", "feed", "via", "base_header", "base_sequence", "cells", "life"]

    /// Where `columns` begin among the bound and read columns.
    var firstColumn: Int32 { Int32(RowLayout.common.count + derived.count) }

    /// Selects the bound columns and then the ordinal.
    func selectSQL(where condition: String) -> String { selectSQL + condition }

    var ordinalColumn: Int32 { firstColumn + Int32(columns.count) }
}
