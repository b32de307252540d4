public import Causality
public import ProfileModel
internal import ProfileStore

/// A customer as an export hands it out: linked records as one.
public struct ExportedProfile: Sendable {
    public let id: RowID
    public let kind: RowKind
    public let scope: String
    public let members: [RowID]
    public let externalIDs: [String]
    public let tags: [String]
    /// What the fields hold, by name: one text of a register, all of a set. Fields that hold nothing are absent; the scope,
    /// the external ids and the tags stand apart.
    public let values: [String: [String]]

    public var code: String? { values["code"]?.first }
}

extension Node {
    /// Customers read from one snapshot.
    private static let exportPage = 500

    /// The fields of an export, in the order of the catalogue.
    public func exportFields() throws -> [Field] {
        try fields().catalogue.fields.filter { ![FieldID.scope, .externalIDs, .tags].contains($0.id) }
    }

    /// Hands out all living customers in the order of their ids, or those of a list in its order.
    ///
    /// The store is read page by page, so that a slow taker holds up nobody; a customer that changes meanwhile is handed
    /// out as it is when its page is read.
    ///
    /// - Complexity: linear in the customers; memory holds one page.
    /// - Throws: `node.cancelled`, and what `body` throws.
    public func exportProfiles(_ records: [RowID]? = nil, _ body: (ExportedProfile) throws -> Void) throws {
        if let records {
            var seen = Set<RowID>()
            for start in stride(from: 0, to: records.count, by: Node.exportPage) {
                try checkCancelled()
                let page = try store.read { reader in
                    let fields = try FieldInput(reader)
                    return try records[start..<min(start + Node.exportPage, records.count)]
                        .compactMap { try reader.profile(of: $0) }.filter { !$0.isDeleted && seen.insert($0.id).inserted }
                        .map { ExportedProfile($0, fields.catalogue) }
                }
                try page.forEach(body)
            }
            return
        }
        var last: RowID?
        repeat {
            try checkCancelled()
            let (page, next) = try store.read { reader in
                let fields = try FieldInput(reader)
                let page = try reader.customers(after: last, limit: Node.exportPage)
                return (page.profiles.map { ExportedProfile($0, fields.catalogue) }, page.next)
            }
            try page.forEach(body)
            last = next
        } while last != nil
    }

    private func checkCancelled() throws {
        if isCancelled() { throw NodeError("node.cancelled") }
    }
}

extension ExportedProfile {
    init(_ profile: Profile, _ catalogue: FieldCatalogue) {
        var values: [String: [String]] = [:]
        var externalIDs: [String] = [], tags: [String] = []
        for cell in profile.cells {
            let id = FieldID(rawValue: cell.field)
            guard id != .scope, id != .life, let field = catalogue[id] else { continue }
            let reading = profile.reading(cell)
            if cell.element.isEmpty {
                guard !field.isSet, let bytes = profile.shown(reading, by: field.policy)?.write.value else { continue }
                values[field.name] = [FieldValue.plainText(of: bytes)]
                continue
            }
            guard reading.isPresent else { continue }
            let text = FieldValue.plainText(of: cell.element)
            switch id {
            case .externalIDs: externalIDs.append(text)
            case .tags: tags.append(text)
            default: values[field.name, default: []].append(text)
            }
        }
        self.init(
            id: profile.id, kind: profile.kind, scope: profile.scope, members: profile.members.map(\.id), externalIDs: externalIDs,
            tags: tags, values: values)
    }
}
