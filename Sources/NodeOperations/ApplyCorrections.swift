internal import Causality
public import DataExchange
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore

extension Node {
    /// Applies a table of corrections as the author's own edits: all of them, or none where one cannot be applied.
    ///
    /// A row names its record in a column `id` (any name of a record) or `external_id` (with a source). The other columns
    /// are fields. An empty cell says nothing, `\N` clears; of a set, a cell replaces what is known here.
    ///
    /// - Parameters:
    ///   - path: `-` reads standard input.
    ///   - describe: the text of the reason why a row cannot be applied.
    /// - Throws: `node.bad-correction` with the line, `node.no-record-column`, `node.unknown-field`, `exchange.*`.
    public func applyCorrections(
        path: String, source: String? = nil, encoding: TextEncoding? = nil, message: String? = nil, isDryRun: Bool = false,
        standardInput: StandardInput? = nil, describe: (any CodedError) -> String = { $0.code }
    ) throws -> EditOutcome {
        let (readable, spool) = try rereadable(path, standardInput)
        defer { if let spool { removeSpool(spool) } }
        let options = TableOptions(encoding: encoding)
        // Once to see whether every row can be applied, and once to apply them.
        let rehearsal = try apply(TableReader(path: readable, options: options), source, message, isDryRun: true, describe)
        return isDryRun ? rehearsal : try apply(TableReader(path: readable, options: options), source, message, isDryRun: false, describe)
    }

    private func apply(
        _ table: TableReader, _ source: String?, _ message: String?, isDryRun: Bool, _ describe: (any CodedError) -> String
    ) throws -> EditOutcome {
        var outcome = EditOutcome()
        let operation = environment.newID()
        let plan = CorrectionPlan(fields: try fields(), source: source)
        var isAtEnd = false
        struct Rehearsed: Error {}
        while !isAtEnd {
            if isCancelled() { throw NodeError("node.cancelled") }
            var slice: [CorrectionPlan.Correction] = []
            while slice.count < 1_000 {
                guard let entry = try table.next() else { isAtEnd = true; break }
                switch entry {
                case .row(let row): slice.append(try plan.correction(row, columns: table.columns))
                case .rejected(let row): throw CorrectionPlan.refusal(line: row.line, row.reason, describe)
                }
            }
            var counted = outcome
            do {
                try store.write { writer in
                    counted = outcome
                    let edition = try Edition(writer, author: author, operation: operation, message: message)
                    let fields = try FieldInput(writer)
                    for correction in slice {
                        do {
                            let checked = try CheckedAssignments(correction.assignments, fields: fields)
                            counted.matched += 1
                            if try edition.editRecord(writer.record(named: correction.record), checked) { counted.changed += 1 }
                        } catch let error as any CodedError {
                            throw CorrectionPlan.refusal(line: correction.line, error, describe)
                        }
                    }
                    let rows = try edition.commit()
                    if isDryRun { throw Rehearsed() }
                    if rows > 0 {
                        try writer.log(operation, author: author, command: "edit --from", message: message, rows: rows)
                        counted.operation = operation
                    }
                }
            } catch is Rehearsed {}
            outcome = counted
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }
}

/// What the columns of a table of corrections mean.
private final class CorrectionPlan {
    struct Correction {
        let line: Int
        let record: String
        let assignments: [Assignment]
    }

    private enum Role { case id, externalID, field(Field) }

    private let fields: FieldInput
    private let source: String?
    private var roles: [Role] = []

    init(fields: FieldInput, source: String?) {
        self.fields = fields
        self.source = source
    }

    func correction(_ row: TableRow, columns: [String]) throws -> Correction {
        for title in columns[roles.count...] { roles.append(try role(of: title)) }
        var record: String?
        var assignments: [Assignment] = []
        for (column, role) in roles.enumerated() {
            let isNull = row.kind(column) == .null
            let text = row.list(column)?.joined(separator: ";") ?? row.string(column) ?? ""
            if text.trimmingWhitespace.isEmpty, !isNull { continue }
            switch role {
            case .id: record = text.trimmingWhitespace
            case .externalID: if record == nil, let source { record = "\(source):\(text.trimmingWhitespace)" }
            case .field(let field): assignments.append(Assignment(field: field.name, verb: .set, text: isNull || text == "\\N" ? "" : text))
            }
        }
        guard let record else { throw NodeError("node.no-record-column") }
        return Correction(line: row.line, record: record, assignments: assignments)
    }

    private func role(of title: String) throws -> Role {
        if title.lowercased() == "id" { return .id }
        if ImportPlan.isExternalID(title) { return .externalID }
        return .field(try fields.field(title))
    }

    static func refusal(line: Int, _ reason: any CodedError, _ describe: (any CodedError) -> String) -> NodeError {
        NodeError("node.bad-correction", ["line": String(line), "reason": describe(reason)])
    }
}
