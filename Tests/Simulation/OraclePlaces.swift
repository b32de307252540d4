internal import Causality
internal import ProfileModel

/// Where each row belongs, worked out from all writes that nobody ended.
struct OraclePlaces {
    private let scopes: [RowID: Set<String>]

    private static let belonging: [RowKind] = [.event, .link, .task, .review, .message, .affiliation]

    /// - Parameter view: of a store that holds everything.
    init(_ view: OracleView) {
        func customer(_ id: RowID) -> String? {
            view.rows[id].map { _ in view.latest(.scope, in: id) ?? "/" }
        }
        scopes = Dictionary(uniqueKeysWithValues: view.rows.map { id, row in
            if row.kind.isCustomer { return (id, [customer(id)!]) }
            guard OraclePlaces.belonging.contains(row.kind) else { return (id, [view.latest(.scope, in: id) ?? "*"]) }
            return (id, Set(OraclePlaces.owners(of: row).compactMap(customer)))
        })
    }

    /// The customers to which a row belongs, as its cells say.
    static func owners(of row: FleetOracle.HeldRow) -> Set<RowID> {
        guard belonging.contains(row.kind) else { return [] }
        func texts(_ field: FieldID) -> [String] {
            (row.state.cells[CellKey(field: field.rawValue)] ?? []).compactMap { $0.value.map(OracleText.text) }
        }
        let names = row.kind == .link || row.kind == .affiliation ? texts(.first) + texts(.second) : texts(.content).compactMap { OracleText.members($0)["customer"] as? String }
        return Set(names.compactMap { UniqueID($0) })
    }

    /// Whether a node that holds these territories must have a row; nil where nobody can tell, because no customer of it is left.
    func belongs(_ row: RowID, to held: [String]) -> Bool? {
        guard let places = scopes[row] else { return false }
        if places.isEmpty { return held.contains("/") ? true : nil }
        return places.contains { place in place == "*" || held.contains { OraclePlaces.isWithin(place, $0) } }
    }

    static func isWithin(_ place: String, _ top: String) -> Bool { top == "/" || place == top || place.hasPrefix(top + "/") }
}
