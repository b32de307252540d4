public import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel

extension StoreReader {
    /// The one record that a person calls by this name: an id, its last eight or more characters, a customer code,
    /// `phone:…`, `email:…`, or `SOURCE:EXTERNAL-ID`.
    ///
    /// - Throws: `store.no-such-record`, `store.ambiguous-record`.
    public func record(named name: String) throws -> RowID {
        let found = try records(named: name)
        guard let first = found.first else {
            if let id = try erasedID(named: name) { throw StoreError.erased(id) }
            throw StoreError.noSuchRecord(name)
        }
        if found.count == 1 { return first }
        let profiles = Set(try found.map { try profileID(of: $0) })
        if profiles.count > 1 { throw StoreError.ambiguousRecord(name, profiles.count) }
        return first
    }

    /// The id that a name means where the record is erased: an id, its last characters, or `SOURCE:EXTERNAL-ID`.
    public func erasedID(named name: String) throws -> RowID? {
        if let id = UniqueID(name) { return try isErased(id) ? id : nil }
        if name.contains(":") {
            let id = try customerID(externalID: name)
            return try isErased(id) ? id : nil
        }
        guard let digits = StoreReader.lastDigits(name) else { return nil }
        let found = try ids(in: "erasures", endingIn: digits)
        return found.count == 1 ? found[0] : nil
    }

    /// The hexadecimal digits of a name that may be the end of an id; nil where it is not.
    private static func lastDigits(_ name: String) -> String? {
        let tail = name.lowercased()
        let isTail = tail.utf8.count >= 8 && tail.utf8.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 || $0 == UInt8(ascii: "-")
        }
        return isTail ? tail.replacing("-", with: "") : nil
    }

    /// What before a colon asks for a value rather than an external id: a source of such a name could not be asked for its records.
    public static let searchedPrefixes: Set<String> = ["phone", "email"]

    /// All records that a name may mean.
    public func records(named name: String) throws -> [RowID] {
        if let id = UniqueID(name) { return try row(id) == nil ? [] : [id] }
        if let colon = name.firstIndex(of: ":") {
            let prefix = String(name[..<colon]), rest = String(name[name.index(after: colon)...])
            switch prefix {
            case "phone": return try records(inSet: "phone", element: rest)
            case "email": return try records(inSet: "email", element: rest.lowercased())
            default:
                let natural = try customerID(externalID: name), known = try records(alias: natural)
                return known + (try exists(natural) && !known.contains(natural) ? [natural] : [])
            }
        }
        let byCode = try ids(where: "\"code\" = ?", [name])
        if !byCode.isEmpty { return byCode }
        guard let digits = StoreReader.lastDigits(name) else { return [] }
        return try ids(in: "customer_rows", endingIn: digits) + ids(in: "item_rows WHERE kind IN (7, 8) AND true", endingIn: digits)
    }

    /// The customer who has an external id, or is to have it: the one whose id follows from it where that is here or nobody else has it.
    public func customer(having externalID: String) throws -> RowID {
        let natural = try customerID(externalID: externalID), others = try records(alias: natural)
        return try others.isEmpty || others.contains(natural) || exists(natural) ? natural : others[0]
    }

    /// The records that have an external id from which another id follows than theirs.
    ///
    /// - Parameter alias: that other id.
    private func records(alias: RowID) throws -> [RowID] {
        guard try mayHoldAliases() else { return [] }
        let statement = try statement("SELECT record FROM aliases WHERE id = ?")
        defer { statement.reset() }
        statement.bind(1, id: alias)
        var found: [RowID] = []
        while try statement.step() { found.append(try StoreReader.id(statement.bytes(0))) }
        return found
    }

    /// The ids with these last hexadecimal digits; whole bytes are compared inside the index of ids.
    private func ids(in table: String, endingIn digits: String) throws -> [RowID] {
        let tail = Array(digits.utf8.suffix(digits.utf8.count / 2 * 2))
        let bytes = stride(from: 0, to: tail.count, by: 2).compactMap { UInt8(String(decoding: tail[$0..<$0 + 2], as: UTF8.self), radix: 16) }
        guard bytes.count * 2 == tail.count else { return [] }
        let sql = "SELECT id FROM \(table) \(table.contains("WHERE") ? "AND" : "WHERE") substr(id, ?) = ? LIMIT 100"
        return try Row.fetchAll(database, sql: sql, arguments: [-bytes.count, Data(bytes)])
            .map { try $0.id("id") }
            .filter { $0.description.replacing("-", with: "").hasSuffix(digits) }
    }

    private func exists(_ id: RowID) throws -> Bool {
        let statement = try statement("SELECT 1 FROM customer_rows WHERE id = ?")
        defer { statement.reset() }
        statement.bind(1, id: id)
        return try statement.step()
    }

    private func ids(where condition: String, _ arguments: StatementArguments) throws -> [RowID] {
        try Row.fetchAll(database, sql: "SELECT id FROM customer_rows WHERE \(condition) LIMIT 20", arguments: arguments)
            .map { try $0.id("id") }
    }

    private func records(inSet column: String, element: String) throws -> [RowID] {
        try searchIDs(column: column, element: element)
    }
}
