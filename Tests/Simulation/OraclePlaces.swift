internal import Causality
internal import ProfileModel

/// Where each row belongs, worked out from all writes that nobody ended.
struct OraclePlaces {
    private let scopes: [RowID: Set<String>]

    private static let belonging: [RowKind] = [.event, .link, .task, .review, .message]

    /// - Parameter view: of a store that holds everything.
    init(_ view: OracleView) {
        func customer(_ id: RowID) -> String? {
            view.rows[id].map { _ in view.latest(.scope, in: id) ?? "/" }
        }
        scopes = Dictionary(uniqueKeysWithValues: view.rows.map { id, row in
            if row.kind.isCustomer { return (id, [customer(id)!]) }
            guard OraclePlaces.belonging.contains(row.kind) else { return (id, [view.latest(.scope, in: id) ?? "*"]) }
            let owners: [RowID]
            if row.kind == .link {
                owners = [view.latest(.first, in: id), view.latest(.second, in: id)].compactMap { $0.flatMap { UniqueID($0) } }
            } else {
                let document = OracleText.members(view.latest(.content, in: id) ?? "")
                owners = (document["customer"] as? String).flatMap { UniqueID($0) }.map { [$0] } ?? []
            }
            return (id, Set(owners.compactMap(customer)))
        })
    }

    /// Whether a node that holds these territories must have a row; nil where nobody can tell, because no customer of it is left.
    func belongs(_ row: RowID, to held: [String]) -> Bool? {
        guard let places = scopes[row] else { return false }
        if places.isEmpty { return held.contains("/") ? true : nil }
        return places.contains { place in place == "*" || held.contains { OraclePlaces.isWithin(place, $0) } }
    }

    static func isWithin(_ place: String, _ top: String) -> Bool { top == "/" || place == top || place.hasPrefix(top + "/") }
}
