public import Causality
internal import Connectors
internal import ProfileModel
internal import ProfileStore

/// A system outside that one node of the deployment reads and writes: a row that every node holds.
public struct Connector: Sendable, Equatable {
    /// Also the name of the source as which the system speaks.
    public let name: String
    /// What kind of system it is, such as `tryton`.
    public var system: String
    public var url: String
    /// The one node that reads and writes it.
    public var owner: RowID
    /// That node's name when it began to.
    public var ownerName: String
    /// Whether `http://` is accepted beyond loopback.
    public var allowsPlainText: Bool
    /// The mapping where it is not the one that comes with the program.
    public var mapping: String?

    /// The text of the row's cell.
    var document: String {
        let members: JSON = [
            "name": .string(name), "system": .string(system), "url": .string(url), "owner": .string(owner.description),
            "owner_name": .string(ownerName), "allows_plain_text": .boolean(allowsPlainText), "mapping": mapping.map(JSON.string) ?? .null,
        ]
        return String(decoding: members.bytes, as: UTF8.self)
    }

    init(name: String, system: String, url: String, owner: RowID, ownerName: String, allowsPlainText: Bool, mapping: String?) {
        self.name = name
        self.system = system
        self.url = url
        self.owner = owner
        self.ownerName = ownerName
        self.allowsPlainText = allowsPlainText
        self.mapping = mapping
    }

    init?(document: String) {
        guard let members = JSON(Array(document.utf8)), let name = members["name"].text, let system = members["system"].text,
            let url = members["url"].text, let owner = members["owner"].text.flatMap({ UniqueID($0) }) else { return nil }
        self.init(
            name: name, system: system, url: url, owner: owner, ownerName: members["owner_name"].text ?? "?",
            allowsPlainText: members["allows_plain_text"].flag ?? false, mapping: members["mapping"].text)
    }
}

extension StoreReader {
    /// The systems outside, by name.
    func connectors() throws -> [Connector] {
        try items(.connector).compactMap { try connectorDocument($0).flatMap(Connector.init(document:)) }.sorted { $0.name < $1.name }
    }

    /// - Throws: `crm.no-such-connector`.
    func connector(named name: String) throws -> Connector {
        guard let row = try row(connectorID(name), like: .connector), let found = try connectorDocument(row).flatMap(Connector.init(document:)) else {
            throw NodeError("crm.no-such-connector", ["name": name])
        }
        return found
    }
}

extension Edition {
    /// Writes the row that names a system; nil takes it back.
    func write(_ connector: Connector?, named name: String) throws {
        let id = try writer.connectorID(name)
        try open(id, kind: .connector)
        try write(CellKey(field: FieldID.content.rawValue), connector.map { FieldValue.json($0.document).bytes }, in: id)
    }
}

extension Node {
    /// The systems outside that the deployment is in step with, by name.
    public func connectors() throws -> [Connector] { try store.read { try $0.connectors() } }

    /// The systems with these names; all that this node owns where none is named.
    ///
    /// - Throws: `crm.no-such-connector`, `crm.no-connectors`.
    public func connectors(named names: [String]) throws -> [Connector] {
        try store.read { reader in
            if !names.isEmpty { return try names.map(reader.connector(named:)) }
            let node = try reader.node().id, own = try reader.connectors().filter { $0.owner == node }
            if own.isEmpty { throw NodeError("crm.no-connectors") }
            return own
        }
    }

    /// A system's mapping: its own, or the one that comes with the program.
    ///
    /// - Throws: `crm.mapping-line` and what else a mapping can be.
    public func mapping(of connector: Connector) throws -> String { try Node.mapping(connector).text }

    /// What each of a system's fields is here, by the names of objects and of the system's fields: names of our fields, `segment NAME`, `score NAME`.
    public func localNames(_ connector: Connector) throws -> [String: [String: [String]]] {
        try Node.mapping(connector).objects.reduce(into: [:]) { $0[$1.name] = $1.localNames }
    }

    static func mapping(_ connector: Connector) throws -> ConnectorMapping {
        if let text = connector.mapping { return try ConnectorMapping(text: text) }
        return try CRMSystems.standardMapping(connector.system)
    }
}
