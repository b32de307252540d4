internal import CurlHTTP
internal import ProfileModel

extension MappedRESTSystem {
    /// - Throws: `crm.unreadable-answer`.
    func id(_ document: JSON, _ object: MappedObject) throws(ConnectorError) -> String {
        guard let id = document.value(at: object.path("id") ?? "id").text, !id.isEmpty else { throw .unreadable("id") }
        return id
    }

    func stamp(_ document: JSON, _ object: MappedObject) -> Int64? { object.path("stamp").flatMap { RemoteTime.microseconds(document.value(at: $0)) } }

    /// - Throws: `crm.unreadable-answer`.
    func record(_ document: JSON, _ object: MappedObject) throws(ConnectorError) -> RemoteRecord {
        var record = RemoteRecord(id: try id(document, object), stamp: stamp(document, object))
        record.version = object.path("version").flatMap { document.value(at: $0).text } ?? record.stamp.map(String.init)
        record.ourID = object.path("our-id").flatMap { document.value(at: $0).text }.flatMap { $0.isEmpty ? nil : $0 }
        record.isArchived = object.path("archived").flatMap { document.value(at: $0).flag } ?? false
        for field in object.properties {
            let path = MappedRESTSystem.path(field.remote)
            if document.reaches(path[...]) { record.fields[field.remote] = RemoteValue(document.value(at: path)) }
        }
        record.associations = object.lookups { document.reaches($0[...]) ? document.value(at: $0) : nil }
        return record
    }

    /// A field's name without the bracket that says that it holds several values.
    static func path(_ name: String) -> String { name.hasSuffix("[]") ? String(name.dropLast(2)) : name }

    /// A template with its places filled in; a parameter of the query with nothing to fill in is left out.
    static func filled(_ template: String, _ values: [String: String?]) -> String {
        func fill(_ text: some StringProtocol) -> (text: String, isWhole: Bool) {
            var text = String(text), isWhole = true
            for (name, value) in values where text.contains("{\(name)}") {
                if value == nil { isWhole = false }
                text = text.replacing("{\(name)}", with: (value ?? nil).map(WebAddress.escaped) ?? "")
            }
            return (text, isWhole)
        }
        let parts = template.split(separator: "?", maxSplits: 1)
        let path = fill(parts[0]).text
        guard parts.count == 2 else { return path }
        let query = parts[1].split(separator: "&").map(fill).filter(\.isWhole).map(\.text)
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    static func time(_ microseconds: Int64, _ form: String?) -> String {
        switch form {
        case "milliseconds": String(microseconds / 1_000)
        case "seconds": String(microseconds / 1_000_000)
        case "microseconds": String(microseconds)
        default: Timestamp.text(microseconds: microseconds)
        }
    }
}

extension MappedObject {
    /// A setting that is a path; nil where it is left out.
    func path(_ key: String) -> String? { settings[key].flatMap { $0.isEmpty ? nil : $0 } }

    /// - Throws: `crm.mapping-setting` where the mapping leaves it out.
    func demanded(_ key: String) throws(ConnectorError) -> String {
        guard let value = path(key) else { throw ConnectorError("crm.mapping-setting", ["object": name, "key": key]) }
        return value
    }

    /// A method and a path, such as `PATCH /contacts/{id}`.
    func action(_ key: String) throws(ConnectorError) -> (method: HTTPRequest.Method, path: String) {
        let parts = try demanded(key).split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, let method = HTTPRequest.Method(rawValue: parts[0]), parts[1].hasPrefix("/") else {
            throw ConnectorError("crm.mapping-setting", ["object": name, "key": key])
        }
        return (method, parts[1])
    }
}

extension RemoteValue {
    init(_ value: JSON) {
        if let items = value.items { self = .list(items.compactMap(\.text)) } else {
            self = value.text.flatMap { $0.isEmpty ? nil : .text($0) } ?? .empty
        }
    }

    var document: JSON {
        switch self {
        case .empty: .null
        case .text(let text): .string(text)
        case .list(let texts): .array(texts.map(JSON.string))
        }
    }
}

extension JSON {
    /// Whether something stands at a path, though it be null.
    func reaches(_ path: Substring) -> Bool {
        guard let point = path.firstIndex(of: ".") else { return holds(String(path)) }
        return self[String(path[..<point])].reaches(path[path.index(after: point)...])
    }

    /// Puts a value at a path of names.
    mutating func put(_ value: JSON, at path: Substring) {
        var members: [String: JSON] = [:]
        if case .object(let present) = self { members = present }
        if let point = path.firstIndex(of: ".") {
            members[String(path[..<point]), default: .object([:])].put(value, at: path[path.index(after: point)...])
        } else {
            members[String(path)] = value
        }
        self = .object(members)
    }

    var typeName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
