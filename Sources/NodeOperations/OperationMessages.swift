internal import Causality
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

extension StoreReader {
    /// The id of the row that says what an operation did to a row for.
    fileprivate func messageID(_ operation: OperationID, on record: RowID) throws -> RowID {
        try naturalID("message", "\(operation)|\(record)")
    }
}

extension Edition {
    /// Writes beside a row that changed what the operation is for, so that every node that holds the row can tell.
    func tell(_ message: String, of record: RowID) throws {
        let id = try writer.messageID(operation, on: record)
        if try writer.row(id, like: .message) != nil { return }
        let document = EventDocument.text([
            "customer": .text(record.description), "operation": .text(operation.description), "text": .text(message),
        ])
        let header = Header(stamp: now, author: author, source: nil, operation: operation)
        let cell = CompactRow.PlainCell(key: CellKey(field: FieldID.content.rawValue), value: FieldValue.json(document).bytes)
        try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: [cell]), id: id, kind: .message, replacing: nil)
    }
}

/// What operations were said to be for, here or on other nodes.
final class OperationMessages {
    private let reader: StoreReader
    private let isEmpty: Bool
    private var known: [RowID: String?] = [:]

    init(_ reader: StoreReader) throws {
        self.reader = reader
        isEmpty = try !reader.holds(.message)
    }

    /// What an operation changed a record for.
    func text(_ operation: OperationID, on record: RowID) throws -> String? {
        if isEmpty { return nil }
        let id = try reader.messageID(operation, on: record)
        if let text = known[id] { return text }
        let text = try reader.row(id)?.document(reader)["text"] as? String
        known[id] = .some(text)
        return text
    }
}
