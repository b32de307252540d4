internal import Causality
internal import Foundation
internal import ProfileModel

extension StoreWriter {
    /// The columns that are derived from the cells of a row that is not a customer.
    func itemColumns(_ compact: CompactRow, id: RowID, kind: RowKind) throws -> RowTable.Derived {
        var derived = RowTable.Derived()
        let state = compact.expanded
        if state.cells.values.allSatisfy({ $0.allSatisfy { $0.value == nil } }) { derived.life = 3 }
        func text(_ field: FieldID) throws -> String? {
            let reading = CellReading(CellKey(field: field.rawValue), of: [Member(record: id, state: state)], key: try node().key)
            return reading.latest?.write.value.map { FieldValue.plainText(of: $0) }
        }
        if kind.isBetweenCustomers {
            derived.owner = try text(.first).flatMap { UniqueID($0) }
            derived.other = try text(.second).flatMap { UniqueID($0) }
            if kind == .link { derived.at = try LinkStatement.rank(linkStatement(state, id: id)) }
            if kind == .affiliation { derived.life = try Affiliation.life(of: state, id: id, key: node().key) }
            return derived
        }
        if kind == .erasure { derived.owner = try text(.erased).flatMap { UniqueID($0) } }
        guard kind == .event || kind == .task || kind == .review || kind == .message, let content = try text(.content),
            let document = try? JSONSerialization.jsonObject(with: Data(content.utf8)) as? [String: Any] else { return derived }
        if document.count == 1, document["customer"] != nil { derived.life = 3 }
        if let time = document["time"] as? String ?? document["due"] as? String { derived.at = Timestamp.microseconds(time) }
        if let reference = document["customer"] as? String {
            derived.owner = try owner(reference)
            if derived.owner == nil {
                derived.waiting = reference
                noteWaiting()
            }
        }
        return derived
    }

    /// The id of the customer that a reference names: known at once for ids and external ids, looked up for the rest.
    private func owner(_ reference: String) throws -> RowID? {
        if let id = UniqueID(reference) { return id }
        let parts = reference.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2, FieldCatalogue.standard[parts[0]]?.id.isReference != true { return try customerID(externalID: reference) }
        return try records(named: reference).first
    }
}
