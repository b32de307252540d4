public import Causality
internal import Foundation
internal import ProfileModel
public import ProfileStore

/// One line of a history.
public struct HistoryLine: Sendable {
    /// What was done to the cell.
    public enum Action: String, Sendable {
        case wrote, cleared, added, removed, deleted, restored, withdrew, erased, acknowledged
    }

    public let at: Stamp
    public let record: RowID
    public let node: String?
    public let author: String?
    public let source: String?
    public private(set) var action: Action
    public private(set) var field: String
    public private(set) var value: String?
    public let dot: Dot?
    /// The values that were replaced.
    public private(set) var overwrote: [String?]
    public let message: String?
    public let operation: OperationID?
    /// The value as it was given here, where its standard form is written otherwise.
    public internal(set) var given: String?
}

extension Node {
    /// What happened to a customer as far as this node saw it, oldest first.
    public func history(_ name: String, field: String? = nil) throws -> [HistoryLine] {
        try store.read { reader in
            let profile = try reader.livingOrDeletedProfile(reader.record(named: name))
            let fields = try FieldInput(reader)
            let wanted = try field.map { HistoryLine.affiliationFields.contains($0) ? $0 : try fields.field($0).name }
            var lines = try profile.members.flatMap { try reader.lines(of: $0, fields, NodeNames(reader)) }
            for affiliation in try reader.affiliations(of: profile) {
                guard let row = try reader.row(affiliation.id, like: .affiliation) else { continue }
                let other = profile.kind == .person ? affiliation.organization : affiliation.person
                lines += try reader.lines(of: row, fields, NodeNames(reader)).compactMap { $0.ofAffiliation(with: other) }
            }
            return lines.filter { wanted == nil || $0.field == wanted }.sorted { ($0.at, $0.field) < ($1.at, $1.field) }
        }
    }

    /// What this node saw happen since a moment, by one author or all, oldest first.
    public func changes(since: Stamp = Stamp(rawValue: 0), by author: String? = nil, limit: Int = 10_000) throws -> [HistoryLine] {
        try store.read { reader in
            let fields = try FieldInput(reader), names = try NodeNames(reader)
            let messages = try OperationMessages(reader)
            return try reader.history(since: since, limit: limit).map { try HistoryLine($0, fields, names, messages) }
                .filter { author == nil || $0.author == author }
        }
    }

    /// The operations of this node, newest first.
    public func operations(limit: Int = 100) throws -> [LoggedOperation] { try store.read { try $0.operations(limit: limit) } }
}

extension StoreReader {
    /// A record's history: what was kept cell by cell, and the living writes of imports, which are not.
    fileprivate func lines(of row: StoredRow, _ fields: FieldInput, _ names: NodeNames) throws -> [HistoryLine] {
        let entries = try history(of: row.id), messages = try OperationMessages(self)
        var known = Set<Dot>()
        for entry in entries { if let added = entry.added { known.insert(added.dot) } }
        var lines = try entries.map { try HistoryLine($0, fields, names, messages) }
        // What a kept entry replaced and no entry added was written by an import, or came whole from a neighbour.
        var unkept: [(CellKey, Write)] = entries.flatMap { entry in entry.replaced.filter { !known.contains($0.dot) }.map { (entry.cell, $0) } }
        for (cell, writes) in row.state.cells { unkept += writes.filter { !known.contains($0.dot) }.map { (cell, $0) } }
        var listed = Set<Write>()
        for (cell, write) in unkept where listed.insert(write).inserted || !cell.element.isEmpty {
            lines.append(try HistoryLine(
                HistoryEntry(record: row.id, cell: cell, operation: write.header.operation, at: write.header.stamp, added: write, replaced: []),
                fields, names, messages))
        }
        for given in try given(of: row.id) {
            let name = fields.name(given.cell.field), element = given.cell.element.isEmpty ? nil : FieldValue.plainText(of: given.cell.element)
            let index = lines.firstIndex { $0.operation == given.operation && $0.field == name && (element == nil || $0.value == element) }
            if let index { lines[index].given = given.raw }
        }
        return lines
    }
}

extension HistoryLine {
    init(_ entry: HistoryEntry, _ fields: FieldInput, _ names: NodeNames, _ messages: OperationMessages) throws {
        let write = entry.added
        record = entry.record
        at = write?.header.stamp ?? entry.at
        node = write.map { names[$0.dot.origin] }
        author = write?.header.author
        source = write?.header.source
        dot = write?.dot
        let system = FieldID(rawValue: entry.cell.field)
        field = switch system {
        case .life: Conflict.lifeName
        case .erased, .acknowledged: "erasure"
        default: fields.name(entry.cell.field)
        }
        let isElement = !entry.cell.element.isEmpty
        let text = isElement ? FieldValue.plainText(of: entry.cell.element) : write?.value.map { FieldValue.plainText(of: $0) }
        value = text
        action = switch (write, write?.value) {
        case _ where system == .erased: .erased
        case _ where system == .acknowledged: .acknowledged
        case (nil, _): .withdrew
        case (_, nil): isElement ? .removed : .cleared
        case (_, Life.deletedValue?) where entry.cell.field == FieldID.life.rawValue: .deleted
        case (_, Life.livingValue?) where entry.cell.field == FieldID.life.rawValue: .restored
        default: isElement ? .added : .wrote
        }
        overwrote = entry.replaced.map { isElement ? ($0.value == nil ? nil : text) : $0.value.map { FieldValue.plainText(of: $0) } }
        message = try messages.text(entry.operation, on: entry.record)
        operation = entry.operation == UniqueID(high: 0, low: 0) ? nil : entry.operation
    }
}

extension HistoryLine {
    /// Under what names the history of a customer lists what was said of its affiliations.
    static let affiliationFields = ["affiliation", "affiliation.decision_role", "affiliation.title"]

    /// A line of an affiliation's row as a line of one of its customers; nil where it only names them.
    ///
    /// - Parameter other: the other of the two.
    fileprivate func ofAffiliation(with other: RowID) -> HistoryLine? {
        var line = self
        switch field {
        case Conflict.lifeName:
            line.field = "affiliation"
            line.value = other.description
            line.overwrote = []
            switch action {
            case .deleted: line.action = .removed
            case .withdrew: break
            default: line.action = .added
            }
        case "decision_role", "title": line.field = "affiliation." + field
        default: return nil
        }
        return line
    }
}
