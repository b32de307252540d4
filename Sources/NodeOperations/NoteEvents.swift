public import Causality
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

extension Node {
    /// Notes what happened with a customer, and what is to be done next.
    ///
    /// - Parameters:
    ///   - time: when it happened, as a date or an instant; nil means now.
    ///   - next: a due date and the task.
    /// - Throws: `store.no-such-record`, a `forms.*` problem.
    public func note(
        _ name: String, text: String, type: String = "visit", time: String? = nil, next: (due: String, text: String)? = nil
    ) throws -> (event: RowID, task: RowID?, operation: OperationID?) {
        let at = try time.map { try instant($0, field: "time") } ?? environment.now().rawValue
        let due = try next.map { try instant($0.due, field: "due") }
        let eventID = environment.newID(), taskID = next.map { _ in environment.newID() }
        let (_, operation, _) = try operate("note \(name)") { edition in
            let record = try edition.writer.record(named: name)
            let profile = try edition.writer.livingOrDeletedProfile(record)
            if profile.isDeleted { throw NodeError.deleted(name) }
            try edition.putDocument(eventID, .event, scope: profile.scope, [
                "customer": .text(record.description), "type": .text(type), "text": .text(text), "author": .text(author),
                "time": .text(Timestamp.text(microseconds: at)),
            ])
            if let next, let due, let taskID {
                try edition.putDocument(taskID, .task, scope: profile.scope, [
                    "customer": .text(record.description), "text": .text(next.text), "owner": .text(author),
                    "due": .text(Timestamp.text(microseconds: due)),
                ])
            }
        }
        return (eventID, taskID, operation)
    }

    private func instant(_ text: String, field name: String) throws -> Int64 {
        let field = Field(id: .content, name: name, type: .time, labelEnglish: name, labelChinese: name)
        guard case .time(let at) = try StandardForm.read(text, field: field, now: environment.now().rawValue).get() else { return 0 }
        return at
    }

    /// The tasks that are open, or all, the next due first.
    public func tasks(includingDone: Bool = false) throws -> [ShownProfile.Task] {
        try store.read { reader in
            try reader.items(.task).map { try ShownProfile.Task($0, reader: reader) }
                .filter { (includingDone || !$0.isDone) && !$0.text.isEmpty }
                .sorted { ($0.due?.rawValue ?? .max, $0.id) < ($1.due?.rawValue ?? .max, $1.id) }
        }
    }

    /// Marks a task as done.
    ///
    /// - Throws: `store.no-such-record`.
    public func finishTask(_ name: String) throws -> RecordOutcome {
        let (id, operation, _) = try operate("task done \(name)") { edition in
            let found = try edition.writer.record(named: name)
            guard try edition.writer.row(found)?.kind == .task else { throw StoreError.noSuchRecord(name) }
            try edition.write(CellKey(field: FieldID.done.rawValue), FieldValue.boolean(true).bytes, in: found)
            return found
        }
        return RecordOutcome(id: id, operation: operation)
    }
}

extension Edition {
    /// Makes a row of one document on the person's word.
    func putDocument(_ id: RowID, _ kind: RowKind, scope: String, _ members: [String: EventDocument.Value]) throws {
        try open(id, kind: kind)
        if scope != StoreWriter.rootScope { try write(CellKey(field: FieldID.scope.rawValue), FieldValue.bytes(text: scope), in: id) }
        try write(CellKey(field: FieldID.content.rawValue), FieldValue.json(EventDocument.text(members)).bytes, in: id)
    }
}
