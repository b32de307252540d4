internal import Connectors
internal import Foundation
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// Owners: a system names them by ids, we by names.
extension ConnectorRun {
    /// Who works with the system, asked once in a round; nobody where it does not let us ask.
    func users() throws -> [RemoteUser] {
        if let knownUsers { return knownUsers }
        var found: [RemoteUser] = []
        do { found = try system.users() } catch let error as ConnectorError where error.code == "crm.refused" {}
        knownUsers = found
        return found
    }

    /// Whoever has a name, however it is written.
    func userIDs(_ name: String) throws -> [String] {
        func key(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        return try users().filter { key($0.name) == key(name) }.map(\.id)
    }

    /// A record with names in place of its users' ids.
    func named(_ record: RemoteRecord, _ object: MappedObject) throws -> RemoteRecord {
        let fields = try prepared(object).userFields
        return record.told(fields).isEmpty ? record : try record.naming(users(), in: fields)
    }

    /// What is to be written, with ids in place of users' names.
    func withUserIDs(_ values: [String: RemoteValue], _ object: MappedObject) throws -> [String: RemoteValue] {
        var values = values
        for field in try prepared(object).userFields {
            guard let person = values[field]?.texts.first, !person.isEmpty else { continue }
            values[field] = try userIDs(person).first.map(RemoteValue.text)
        }
        return values
    }
}

extension RemoteRecord {
    /// Those of some fields in which the system says something.
    func told(_ names: [String]) -> [String] { names.filter { fields[$0].map { !$0.isEmpty } ?? false } }

    /// The same with names in place of users' ids; one whom nobody knows was not told.
    func naming(_ users: [RemoteUser], in names: [String]) -> RemoteRecord {
        var record = self
        for name in told(names) {
            guard let id = fields[name]?.texts.first, !id.isEmpty else { continue }
            record.fields[name] = users.first { $0.id == id }.map { .text($0.name) }
        }
        return record
    }
}
