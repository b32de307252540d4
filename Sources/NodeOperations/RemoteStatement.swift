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
    /// - Parameters:
    ///   - places: where in the record's values each of the fields is; nil for one of which the record tells nothing.
    ///   - rewritings: how the system writes values of ours; what it writes so counts as ours.
    init(_ record: RemoteRecord, _ fields: [ConnectorRun.PreparedField], _ places: [Int?], rewritings: [ConnectorRewriting]) {
        var untold: [UInt64] = []
        cells.reserveCapacity(cells: fields.count + 2, bytes: 24 * fields.count)
        cleared.reserveCapacity(fields.count)
        for (prepared, place) in zip(fields, places) where prepared.isRead {
            let number = prepared.number, isSet = prepared.isSet
            guard let place else {
                if isSet { untold.append(number) }
                continue
            }
            let value = record.fields.values[place], texts: [String]
            if let known = rewritings.first(where: { $0.field == prepared.mapped.remote && $0.theirs == ConnectorRun.list(value.texts) }) {
                texts = ConnectorRun.texts(known.ours)
            } else {
                switch value {
                case .empty: texts = []
                case .text(let text): texts = text.isBlank ? [] : [text]
                case .list(let all): texts = all.filter { !$0.isBlank }
                }
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
}

/// Where in the values of records the fields of a mapping are: looked for once for all records that tell the same.
struct FieldPlaces {
    private let remotes: [String]
    private var names: [String]?
    private var places: [Int?] = []

    init(_ fields: [ConnectorRun.PreparedField]) { remotes = fields.map(\.mapped.remote) }

    /// As many as fields; nil for one of which a record tells nothing.
    mutating func of(_ fields: RemoteFields) -> [Int?] {
        if names != fields.names {
            names = fields.names
            places = remotes.map { fields.names.firstIndex(of: $0) }
        }
        return places
    }
}
