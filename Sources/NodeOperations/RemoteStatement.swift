internal import Causality
internal import Connectors
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// What a system says of one record, as cells: read outside the write lock.
struct RemoteStatement {
    /// What is present: registers with their values, elements of sets; in the order in which it was read.
    private(set) var cells = PlainCells()
    /// Registers that the system says are empty.
    var cleared: [CellKey] = []
    /// Sets of which the system told all that it has: what it said of others before, it takes back.
    var wholeSets: [UInt64] = []
    var doubts: [ImportedRow.Doubt] = []
    var given: [ImportedRow.Given] = []

    /// Reads a record by its mapping.
    ///
    /// - Parameter rewritings: how the system writes values of ours; what it writes so counts as ours.
    init(_ record: RemoteRecord, _ fields: [ConnectorRun.PreparedField], rewritings: [ConnectorRewriting]) {
        var untold: [UInt64] = []
        cells.reserveCapacity(cells: fields.count + 2, bytes: 24 * fields.count)
        for prepared in fields where prepared.mapped.direction != .out {
            let number = prepared.number, isSet = prepared.isSet
            guard let value = record.fields[prepared.mapped.remote] else {
                if isSet { untold.append(number) }
                continue
            }
            var texts = value.texts.filter { !$0.isBlank }
            if let known = rewritings.first(where: { $0.field == prepared.mapped.remote && $0.theirs == ConnectorRun.list(value.texts) }) {
                texts = ConnectorRun.texts(known.ours)
            }
            if texts.isEmpty {
                if isSet {
                    if prepared.mapped.blank == .ignore { untold.append(number) }
                } else if prepared.mapped.blank == .clear {
                    cleared.append(CellKey(field: number))
                }
            }
            if isSet {
                wholeSets.append(number)
                for text in texts { read(text, prepared) }
            } else if let text = texts.first, cells.value(of: number) == nil {
                read(text, prepared)
            }
        }
        if !untold.isEmpty { wholeSets.removeAll(where: untold.contains) }
    }

    private mutating func read(_ text: String, _ prepared: ConnectorRun.PreparedField) {
        let raw = prepared.mapped.form.local(text)
        switch prepared.form.read(raw) {
        case .success(let bytes):
            let cell = CellKey(field: prepared.number, element: prepared.isSet ? bytes : [])
            cells.append(.init(key: cell, value: prepared.isSet ? FieldValue.present : bytes))
            var copy = text
            let changes: [FormChange]? = copy.withUTF8 { utf8 in
                prepared.form.isAsGiven(utf8, bytes[...]) ? nil : prepared.form.changes(from: utf8, to: bytes)
            }
            if let changes { given.append(.init(fieldName: prepared.field.name, cell: cell, raw: text, changes: changes)) }
        case .failure(let problem):
            if problem.reason != .empty { doubts.append(.init(field: prepared.field, raw: String(text.prefix(2_000)), reason: problem.code)) }
        }
    }
}

extension ConnectorRun {
    /// Texts as a JSON list.
    static func list(_ texts: [String]) -> String { String(decoding: JSON.array(texts.map(JSON.string)).bytes, as: UTF8.self) }

    static func texts(_ list: String) -> [String] { JSON(Array(list.utf8))?.items?.compactMap(\.text) ?? [] }

    /// A hash of all that was read of a record but its clock.
    func hash(_ record: RemoteRecord, in writer: StoreReader) throws -> Digest128 {
        var hash = SipHash128(key: try writer.node().key)
        hash.update(record.isArchived ? 1 : 0)
        hash.update(UInt64(state.generation))
        for id in [record.ourID ?? ""] + record.mergedIDs { hash.update(id) }
        for (name, value) in record.fields.sorted(by: { $0.key < $1.key }) {
            hash.update(name)
            hash.update(UInt64(value.texts.count))
            for text in value.texts { hash.update(text) }
        }
        for (name, others) in record.associations.sorted(by: { $0.key < $1.key }) {
            hash.update(name)
            hash.update(UInt64(others.count))
            for other in others.sorted(by: { ($0.id, $0.role ?? "") < ($1.id, $1.role ?? "") }) {
                hash.update(other.id)
                hash.update(other.role ?? "")
            }
        }
        return hash.finalize()
    }
}
