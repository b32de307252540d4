internal import ProfileModel

/// Parties as Tryton writes them.
enum TrytonRecord {
    /// Begins the identifier that carries our id.
    static let mark = "limn:"

    /// What a remote name means.
    private enum Place {
        case own(String)
        /// Values of the children of these types.
        case typed(relation: String, types: [String])
        /// A field of the child at an index.
        case child(relation: String, index: Int, field: String)
        /// The names of all related records but these.
        case named(relation: String, except: [String])

        init(_ name: String) {
            guard let open = name.firstIndex(of: "["), let close = name.firstIndex(of: "]"), open < close else { self = .own(name); return }
            let relation = String(name[..<open]), inside = name[name.index(after: open)..<close]
            let rest = name[name.index(after: close)...]
            if rest.isEmpty, inside.isEmpty || inside.hasPrefix("!") {
                self = .named(relation: relation, except: inside.dropFirst().split(separator: ",").map { String($0.trimmingBlanks) })
            } else if rest.hasPrefix("."), let index = Int(inside) {
                self = .child(relation: relation, index: index, field: String(rest.dropFirst()))
            } else {
                self = .typed(relation: relation, types: inside.split(separator: ",").map { String($0.trimmingBlanks) })
            }
        }
    }

    /// Relations whose records change without their party.
    static func children(_ object: MappedObject) -> [String] {
        var found: [String] = []
        for field in object.properties {
            switch Place(field.remote) {
            case .own, .named: break
            case .typed(let relation, _), .child(let relation, _, _): if !found.contains(relation) { found.append(relation) }
            }
        }
        return found
    }

    /// Relations whose records are named, and so may get other names without their party.
    static func named(_ object: MappedObject) -> [String] {
        var found: [String] = []
        for case .named(let relation, _) in object.properties.map({ Place($0.remote) }) where !found.contains(relation) { found.append(relation) }
        return found
    }

    /// What is asked of a record.
    static func names(_ object: MappedObject) -> [String] {
        var names = ["write_date", "create_date", "active", "identifiers.code", "identifiers.type"]
        func add(_ name: String) { if !names.contains(name) { names.append(name) } }
        for field in object.properties {
            switch Place(field.remote) {
            case .own(let name): add(name)
            case .typed(let relation, _): for name in ["type", "value", "write_date"] { add("\(relation).\(name)") }
            case .child(let relation, _, let name): for name in [name, "write_date"] { add("\(relation).\(name)") }
            case .named(let relation, _): add("\(relation).name")
            }
        }
        return names
    }

    /// The condition that a record, a child of it or what it names was written at or after a time.
    static func changed(since: Int64, _ object: MappedObject) -> JSON {
        let time = time(since)
        return .array([JSON.string("OR"), ["write_date", ">=", time]] + (children(object) + named(object)).map { [.string("\($0).write_date"), ">=", time] })
    }

    // MARK: Reading

    /// - Throws: `crm.unreadable-answer`.
    static func id(_ document: JSON) throws(ConnectorError) -> String {
        guard case .number(let id) = document["id"] else { throw .unreadable("id") }
        return id
    }

    /// - Throws: `crm.unreadable-answer`.
    static func read(_ document: JSON, _ object: MappedObject) throws(ConnectorError) -> RemoteRecord {
        var record = RemoteRecord(id: try id(document))
        var stamps = [time(document["write_date"]) ?? time(document["create_date"])]
        for relation in children(object) { stamps += sorted(document, relation).map { time($0["write_date"]) } }
        record.stamp = stamps.compactMap(\.self).max()
        record.version = record.stamp.map(String.init)
        record.isArchived = document["active"].flag == false
        for identifier in document["identifiers"].items ?? [] {
            if let code = identifier["code"].text, code.hasPrefix(mark) { record.ourID = String(code.dropFirst(mark.count)) }
        }
        for field in object.properties { record.fields[field.remote] = value(document, Place(field.remote)) }
        return record
    }

    /// The children in the order of their ids.
    private static func sorted(_ document: JSON, _ relation: String) -> [JSON] {
        (document[relation].items ?? []).sorted { ($0["id"].integer ?? 0) < ($1["id"].integer ?? 0) }
    }

    private static func value(_ document: JSON, _ place: Place) -> RemoteValue? {
        switch place {
        case .own(let path):
            let name = path.split(separator: ".").first.map(String.init) ?? path
            return document.holds(name) || document.holds(name + ".") ? text(document.value(at: path)) : nil
        case .typed(let relation, let types):
            guard document.holds(relation) else { return nil }
            return .list(sorted(document, relation).filter { types.contains($0["type"].text ?? "") }.compactMap { $0["value"].text })
        case .child(let relation, let index, let field):
            guard document.holds(relation) else { return nil }
            let children = sorted(document, relation)
            return children.indices.contains(index) ? text(children[index][field]) : .empty
        case .named(let relation, let except):
            guard document.holds(relation) else { return nil }
            return .list(sorted(document, relation).compactMap { $0["name"].text }.filter { !except.contains($0) })
        }
    }

    /// A scalar, or one of the classes that Tryton wraps.
    private static func text(_ value: JSON) -> RemoteValue {
        if case .array(let items) = value { return .list(items.compactMap { $0["name"].text ?? $0["code"].text ?? $0.text }) }
        switch value["__class__"].text {
        case "Decimal": return value["decimal"].text.map(RemoteValue.text) ?? .empty
        case "date": return time(value).map { .text(Timestamp.dateText(microseconds: $0)) } ?? .empty
        case "datetime": return time(value).map { .text(Timestamp.text(microseconds: $0)) } ?? .empty
        default: return value.text.flatMap { $0.isEmpty ? nil : .text($0) } ?? .empty
        }
    }

    /// An instant or a day, in microseconds since 1970.
    static func time(_ value: JSON) -> Int64? {
        guard let year = value["year"].integer, let month = value["month"].integer, let day = value["day"].integer,
            (1...9_999).contains(year), Timestamp.isDate(year: year, month: month, day: day) else { return nil }
        func part(_ name: String, _ maximum: Int64) -> Int64 { min(max(value[name].integer ?? 0, 0), maximum) }
        let second = part("hour", 23) * 3_600 + part("minute", 59) * 60 + part("second", 60)
        return (Timestamp.daysFromCivil(year: year, month: month, day: day) * 86_400 + second) * 1_000_000 + part("microsecond", 999_999)
    }

    static func time(_ microseconds: Int64) -> JSON {
        let seconds = Int64((Double(microseconds) / 1_000_000).rounded(.down)), days = Int64((Double(seconds) / 86_400).rounded(.down))
        let date = Timestamp.civil(days: days), rest = seconds - days * 86_400
        return [
            "__class__": "datetime", "year": JSON(date.year), "month": JSON(date.month), "day": JSON(date.day), "hour": JSON(rest / 3_600),
            "minute": JSON(rest / 60 % 60), "second": JSON(rest % 60), "microsecond": JSON(microseconds - seconds * 1_000_000),
        ]
    }

    // MARK: Writing

    /// The names that related records are to have, by relations.
    static func wantedNames(_ operation: PushOperation) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for (name, value) in operation.fields {
            if case .named(let relation, _) = Place(name) { found[relation, default: []].formUnion(value.texts.filter { !$0.isEmpty }) }
        }
        return found
    }

    /// The body of a new party, with our id among its identifiers.
    static func creation(_ operation: PushOperation, ids: [String: [String: JSON]]) -> JSON {
        guard case .object(var members) = change(operation, of: .null, ids: ids) else { preconditionFailure("a change is an object") }
        members["identifiers"] = [["create", [["code": .string(mark + operation.ourID)]]]]
        return .object(members)
    }

    /// What to send so that the values stand in a party: children are written in place, made, or taken away.
    ///
    /// - Parameter ids: of related records that are called by their names, by relations and names.
    static func change(_ operation: PushOperation, of document: JSON, ids: [String: [String: JSON]]) -> JSON {
        var members: [String: JSON] = [:]
        var commands: [String: [JSON]] = [:]
        var firsts: [String: [String: JSON]] = [:]
        for (name, value) in operation.fields {
            switch Place(name) {
            case .own(let name): members[name] = value.isEmpty ? .null : .string(value.texts[0])
            case .typed(let relation, let types):
                commands[relation, default: []] += listed(value.texts.filter { !$0.isEmpty }, types, sorted(document, relation))
            case .child(let relation, _, let field): firsts[relation, default: [:]][field] = value.isEmpty ? .null : .string(value.texts[0])
            case .named(let relation, let except):
                let wanted = value.texts.filter { !$0.isEmpty && !except.contains($0) }
                let present = sorted(document, relation).filter { !except.contains($0["name"].text ?? "") }
                let surplus = present.filter { !wanted.contains($0["name"].text ?? "") }.map { $0["id"] }
                let missing = wanted.filter { name in !present.contains { $0["name"].text == name } }.compactMap { ids[relation]?[$0] }
                if !surplus.isEmpty { commands[relation, default: []].append(["remove", .array(surplus)]) }
                if !missing.isEmpty { commands[relation, default: []].append(["add", .array(missing)]) }
            }
        }
        for (relation, fields) in firsts {
            if let first = sorted(document, relation).first {
                commands[relation, default: []].append(["write", [first["id"]], .object(fields)])
            } else if fields.values.contains(where: { $0 != .null }) {
                commands[relation, default: []].append(["create", [.object(fields)]])
            }
        }
        for (relation, commands) in commands where !commands.isEmpty { members[relation] = .array(commands) }
        return .object(members)
    }

    private static func listed(_ wanted: [String], _ types: [String], _ children: [JSON]) -> [JSON] {
        let present = children.filter { types.contains($0["type"].text ?? "") }
        let surplus = present.filter { !wanted.contains($0["value"].text ?? "") }
        let missing = wanted.filter { value in !present.contains { $0["value"].text == value } }
        var commands: [JSON] = []
        for (child, value) in zip(surplus, missing) { commands.append(["write", [child["id"]], ["value": .string(value)]]) }
        if missing.count > surplus.count {
            commands.append(["create", .array(missing.dropFirst(surplus.count).map { ["type": .string(types[0]), "value": .string($0)] })])
        } else if surplus.count > missing.count {
            commands.append(["delete", .array(surplus.dropFirst(missing.count).map { $0["id"] })])
        }
        return commands
    }
}
