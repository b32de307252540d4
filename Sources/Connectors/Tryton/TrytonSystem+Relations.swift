internal import CurlHTTP
internal import ProfileModel

/// Relations between parties, of the module `party_relationship`: `relations[works for,decides for]` is all that a person has under these types.
///
/// A relation that was entered at the other party, under the reverse of a type, counts as one of that type. What has ended or has not begun is
/// none. Relations are written as `party.relation`; those of other types are left alone.
extension TrytonSystem {
    static let relation = "party.relation"
    private static let partiesMaximum = 100

    /// A type of relations, as a mapping names it.
    struct RelationType {
        let id: Int64
        let name: String
        /// The types of which it is the reverse: what is entered under them at the other party.
        let reverses: Set<Int64>
    }

    /// A relation as it looks from a person.
    struct Relation {
        let id: JSON
        let person: String
        let other: String
        let type: String
        let isActive: Bool
        let start: Int64?
        let stamp: Int64?
    }

    /// The types that an association names, in its order.
    static func typeNames(_ association: MappedAssociation) -> [String] {
        guard association.remote.hasPrefix("relations["), association.isList else { return [] }
        return association.remote.dropFirst("relations[".count).dropLast().split(separator: ",").map { String($0.trimmingBlanks) }
    }

    var associationsMissClocks: Bool { true }

    /// Whether the module is there.
    private func knowsRelations() throws -> Bool {
        if let hasRelations { return hasRelations }
        let found = try list("ir.model", ["name"], ["name", "=", .string(Self.relation)], size: 1)
        hasRelations = !found.isEmpty
        return !found.isEmpty
    }

    func untellable(_ object: MappedObject) throws -> Set<String> {
        if object.associations.isEmpty { return [] }
        let isThere = try knowsRelations()
        return Set(object.associations.filter { !isThere || Self.typeNames($0).isEmpty }.map(\.remote))
    }

    private func types() throws -> [RelationType] {
        if let relationTypes { return relationTypes }
        let told = try list("\(Self.relation).type", ["name", "reverse"], [], size: 1_000)
        let found = told.compactMap { one -> RelationType? in
            guard let id = one["id"].integer, let name = one["name"].text else { return nil }
            return RelationType(id: id, name: name, reverses: Set(told.filter { $0["reverse"].integer == id }.compactMap { $0["id"].integer }))
        }
        relationTypes = found
        return found
    }

    /// The type with a name, made where there is none.
    private func type(_ name: String) throws -> RelationType {
        if let known = try types().first(where: { $0.name == name }) { return known }
        _ = try session.demand(self, isRepeatable: false) { request(.post, "/rest/model/\(Self.relation).type", ["name": .string(name)]) }
        relationTypes = nil
        guard let made = try types().first(where: { $0.name == name }) else { throw ConnectorError.unreadable("party.relation.type") }
        return made
    }

    /// The relations of the types that an association names.
    ///
    /// - Parameter domain: which of them.
    private func relations(_ association: MappedAssociation, _ domain: [JSON]) throws -> [Relation] {
        let names = Self.typeNames(association), types = try types().filter { names.contains($0.name) }
        let numbers = Set(types.map(\.id)).union(types.flatMap(\.reverses)).sorted()
        if numbers.isEmpty { return [] }
        var found: [Relation] = [], last: Int64 = 0
        while true {
            let conditions = domain + [["type", "in", .array(numbers.map { JSON($0) })], ["id", ">", JSON(last)]]
            let page = try list(
                Self.relation, ["from_", "to", "type", "active", "start_date", "create_date", "write_date"], .array(conditions), size: 1_000)
            for one in page {
                guard let id = one["id"].integer, let from = one["from_"].text, let to = one["to"].text, let type = one["type"].integer else {
                    throw ConnectorError.unreadable(Self.relation)
                }
                last = max(last, id)
                let stamp = TrytonRecord.time(one["write_date"]) ?? TrytonRecord.time(one["create_date"])
                for known in types where known.id == type || known.reverses.contains(type) {
                    // A type may be its own reverse: then it holds for both parties.
                    for isStraight in [true, false] where isStraight ? known.id == type : known.reverses.contains(type) {
                        found.append(Relation(
                            id: one["id"], person: isStraight ? from : to, other: isStraight ? to : from, type: known.name,
                            isActive: one["active"].flag ?? true, start: TrytonRecord.time(one["start_date"]), stamp: stamp))
                    }
                }
            }
            if page.count < 1_000 { return found }
        }
    }

    private func relations(_ association: MappedAssociation, of parties: [String]) throws -> [Relation] {
        let wanted = Set(parties)
        return try parties.pieces(of: Self.partiesMaximum).flatMap { part -> [Relation] in
            let ids = JSON.array(part.compactMap { Int64($0) }.map { JSON($0) })
            return try relations(association, [["OR", ["from_", "in", ids], ["to", "in", ids]]])
        }.filter { wanted.contains($0.person) }
    }

    // MARK: Reading

    /// Records with what belongs to them.
    func associated(_ records: [RemoteRecord], of object: MappedObject) throws -> [RemoteRecord] {
        if records.isEmpty || object.associations.isEmpty { return records }
        let untellable = try untellable(object)
        var records = records
        for association in object.associations where !untellable.contains(association.remote) {
            let told = Dictionary(grouping: try relations(association, of: records.map(\.id)), by: \.person)
            for index in records.indices {
                let own = told[records[index].id] ?? []
                records[index].associations[association.remote] = Self.associations(own.filter(\.isActive), association)
                records[index].stamp = ([records[index].stamp] + own.map(\.stamp)).compactMap(\.self).max()
                records[index].version = records[index].stamp.map(String.init)
            }
        }
        return records
    }

    /// One for each other party, with the first part in decisions that a type tells, in the order of the mapping.
    private static func associations(_ relations: [Relation], _ association: MappedAssociation) -> [RemoteAssociation] {
        let names = typeNames(association)
        return Dictionary(grouping: relations, by: \.other).sorted { $0.key < $1.key }.map { other, relations in
            let role = names.first { name in association.role(of: name) != nil && relations.contains { $0.type == name } }
            return RemoteAssociation(id: other, role: role)
        }
    }

    /// The parties whose relations were made or changed at or after a time: their own clocks do not move.
    func related(since: Int64, _ object: MappedObject) throws -> [String] {
        let untellable = try untellable(object), time = TrytonRecord.time(since)
        var ids: Set<String> = []
        for association in object.associations where !untellable.contains(association.remote) {
            ids.formUnion(try relations(association, [["OR", ["write_date", ">=", time], ["create_date", ">=", time]]]).map(\.person))
        }
        return ids.sorted()
    }

    // MARK: Writing

    /// Brings the relations of a written party in line; what is refused of that.
    func relate(_ operation: PushOperation, _ party: String, _ object: MappedObject) throws -> [Rejection] {
        var refusals: [Rejection] = []
        for association in object.associations {
            guard let wanted = operation.associations[association.remote] else { continue }
            do { try relate(wanted, party, association) } catch let error as Rejection {
                refusals.append(Rejection(code: error.code, field: association.remote, message: error.message))
            }
        }
        return refusals
    }

    private func relate(_ wanted: [RemoteAssociation], _ party: String, _ association: MappedAssociation) throws {
        let names = Self.typeNames(association)
        guard let first = names.first else { throw Rejection(code: "no-relation") }
        let plain = names.first { association.role(of: $0) == nil } ?? first
        var held = try relations(association, of: [party]).filter(\.isActive)
        for one in wanted {
            let name = one.role.flatMap { names.contains($0) ? $0 : nil } ?? plain, present = held.filter { $0.other == one.id }
            held.removeAll { $0.other == one.id }
            if let kept = present.first(where: { $0.type == name }) {
                // Another part in decisions would be told as before.
                for other in present where other.id != kept.id && association.role(of: other.type) != nil { try end(other) }
                continue
            }
            let values: JSON = ["from_": try number(party), "to": try number(one.id), "type": JSON(try type(name).id)]
            let changed = present.first { association.role(of: $0.type) != nil } ?? present.first
            if let changed {
                _ = try sendRelation(.put, changed, values)
                for other in present where other.id != changed.id && association.role(of: other.type) != nil { try end(other) }
            } else {
                // Tryton takes the same a second time: a lost reply is read back and nothing is sent again.
                _ = try sendRelation(.post, nil, values)
            }
        }
        for one in held { try end(one) }
    }

    private func number(_ id: String) throws -> JSON {
        guard let number = Int64(id) else { throw ConnectorError.unreadable("id") }
        return JSON(number)
    }

    /// Ends a relation with the day before; one that began later never was, and is deleted.
    private func end(_ relation: Relation) throws {
        let today = session.serverTime / 86_400_000_000
        // Where the day of the server's company has not come yet, the last day has to be one earlier.
        for back in 1...2 {
            let day = today - Int64(back)
            if let start = relation.start, start / 86_400_000_000 > day { break }
            let date = Timestamp.civil(days: day)
            let body: JSON = ["end_date": ["__class__": "date", "year": JSON(date.year), "month": JSON(date.month), "day": JSON(date.day)]]
            guard let answer = try sendRelation(.put, relation, body) else { return }
            if answer["active"].flag != true { return }
        }
        _ = try sendRelation(.delete, relation, nil)
    }

    /// What Tryton answers; nil where the relation is gone.
    ///
    /// - Throws: also `Rejection`.
    private func sendRelation(_ method: HTTPRequest.Method, _ relation: Relation?, _ body: JSON?) throws -> JSON? {
        let path = "/rest/model/\(Self.relation)" + (relation.map { "/\($0.id.text ?? "")" } ?? "") + (body == nil ? "" : "?f=id&f=active")
        let (response, verdict) = try session.send(self, isRepeatable: relation != nil) { request(method, path, body) }
        switch verdict {
        case .ok: return body == nil ? .null : try session.document(response)
        case .gone where relation != nil: return nil
        case .reject(let rejection): throw rejection
        default: throw Rejection(code: String(response.status))
        }
    }
}
