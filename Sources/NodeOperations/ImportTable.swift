public import Causality
public import DataExchange
internal import Foundation
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore
public import StandardForms

/// How a table is to be imported.
public struct ImportOptions: Sendable {
    /// The source that speaks; nil takes the file's name without its ending.
    public var source: String?
    /// What the rows are; nil finds it out from the columns.
    public var kind: RowKind?
    /// Columns that identify a row where it has no external id.
    public var key: [String] = []
    /// Columns by the fields they mean, beside those that are matched by title.
    public var mapping: [String: String] = [:]
    /// Whether columns that match nothing become fields.
    public var addsFields = false
    public var scope: String?
    public var encoding: TextEncoding?
    /// How the table's spreadsheet counted days, where dates stand as numbers: a table of text does not say so itself.
    public var spreadsheetDates = SpreadsheetDates.since1900
    /// Whether one row that cannot be read keeps all others out.
    public var isStrict = false
    /// Whether nothing is written.
    public var isDryRun = false
    /// Whether the search index is brought up before the import ends; else the next search does it.
    public var buildsIndex = true
    /// Where rejected rows go.
    public var rejectsPath: String?

    public init() {}
}

/// What an import did; created + updated + unchanged + rejected = rows.
public struct ImportOutcome: Sendable {
    public var rows = 0
    public var created = 0
    public var updated = 0
    public var unchanged = 0
    public var rejected = 0
    /// Of the rejected rows those of customers that are erased for ever.
    public var erased = 0
    /// Of the rejected rows those of customers that have left what this node holds, and of their events.
    public var elsewhere = 0
    /// Values sent to review.
    public var flagged = 0
    /// Links between records with the same resident identity number or credit code.
    public var linked = 0
    /// Events whose customer is not known yet.
    public var waiting = 0
    public var seconds = 0.0
    public var operation: OperationID?
    /// How many values were brought into their standard form, by field and reason.
    public var cleaned: [Cleaning: Int] = [:]
    /// Columns that matched nothing and were left out.
    public var ignoredColumns: [String] = []
    /// Fields that the import defined.
    public var addedFields: [String] = []
    /// The first rejected rows, for a summary.
    public var rejectedRows: [RejectedRow] = []
    /// Whether a strict import was refused: nothing was written.
    public var isRefused = false
}

/// What standard forms changed in a field's values.
public struct Cleaning: Hashable, Sendable {
    /// The field's name.
    public let field: String
    public let change: FormChange
}

/// How far an import is.
public struct ImportProgress: Sendable {
    public let rows: Int
    public let bytesRead: Int64
    public let totalBytes: Int64?
}

/// Reads the next bytes, at most so many; none at the end.
public typealias StandardInput = (Int) throws -> [UInt8]

extension Node {
    /// Rows of one write transaction.
    static let sliceRows = 20_000

    /// Imports a table of customers or events as a source's word: fields are joined, set elements added, nothing removed.
    ///
    /// A row that cannot be read is rejected, a value that fails its type goes to review, and the rest goes in. Rows are
    /// committed in slices; a second run of an interrupted import changes nothing that went in.
    ///
    /// - Parameters:
    ///   - path: `-` reads standard input.
    ///   - standardInput: what `-` reads instead, at most so many bytes at a time, none at the end.
    ///   - describe: the text of a rejected row's reason.
    /// - Throws: `exchange.*` where the table as a whole cannot be read, `node.unknown-field`, `node.cancelled`.
    public func importTable(
        path: String, options: ImportOptions, standardInput: StandardInput? = nil, describe: (any CodedError) -> String = { $0.code },
        progress: (ImportProgress) -> Void = { _ in }
    ) throws -> ImportOutcome {
        if options.isStrict, !options.isDryRun {
            let (readable, spool) = try rereadable(path, standardInput)
            defer { if let spool { removeSpool(spool) } }
            var rehearsal = options
            rehearsal.isDryRun = true
            var outcome = try importTable(path: readable, named: path, options: rehearsal, describe: describe, progress: progress)
            if outcome.rejected > 0 {
                (outcome.created, outcome.updated, outcome.isRefused) = (0, 0, true)
                outcome.unchanged = outcome.rows - outcome.rejected
                return outcome
            }
            return try importTable(path: readable, named: path, options: options, describe: describe, progress: progress)
        }
        return try importTable(path: path, named: path, standardInput, options: options, describe: describe, progress: progress)
    }

    private func importTable(
        path: String, named name: String, _ standardInput: StandardInput? = nil, options: ImportOptions, describe: (any CodedError) -> String, progress: (ImportProgress) -> Void
    ) throws -> ImportOutcome {
        let began = ContinuousClock.now
        let table = try TableReader(tableInput(path, standardInput), options: TableOptions(encoding: options.encoding))
        let source = options.source ?? Node.sourceName(name)
        guard !source.isEmpty, !source.contains(":"), !source.contains("\n") else { throw NodeError("node.bad-source", ["source": source]) }
        if source == Header.inferredSource { throw NodeError("node.reserved-source", ["source": source]) }
        let run = try ImportRun(node: self, source: source, options: options)
        let rejects = try options.rejectsPath.map { try RejectsWriter(ByteOutput(path: $0)) }
        var slice: [ImportedRow] = []
        var isAtEnd = false
        while !isAtEnd {
            if isCancelled() {
                try rejects?.finish()
                throw NodeError("node.cancelled", ["rows": String(run.outcome.rows)])
            }
            slice.removeAll(keepingCapacity: true)
            while slice.count < Node.sliceRows {
                guard let entry = try table.next() else { isAtEnd = true; break }
                run.outcome.rows += 1
                switch entry {
                case .row(let row): slice.append(try run.read(row, columns: table.columns))
                case .rejected(let row):
                    run.outcome.rejected += 1
                    if run.outcome.rejectedRows.count < 20 { run.outcome.rejectedRows.append(row) }
                    try rejects?.write(row, message: describe(row.reason))
                }
            }
            try run.apply(slice)
            progress(ImportProgress(rows: run.outcome.rows, bytesRead: table.bytesRead, totalBytes: table.totalBytes))
        }
        try rejects?.finish()
        run.outcome.ignoredColumns = run.plan?.ignored ?? []
        if !options.isDryRun, options.buildsIndex { try settle() }
        run.outcome.seconds = Double((ContinuousClock.now - began).components.attoseconds) / 1e18
            + Double((ContinuousClock.now - began).components.seconds)
        return run.outcome
    }

    /// The name of a file without folders and ending.
    private static func sourceName(_ path: String) -> String {
        path == "-" ? "stdin" : URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.replacing(":", with: "-")
    }

    private func tableInput(_ path: String, _ standardInput: StandardInput?) throws -> ByteInput {
        guard path == "-", let standardInput else { return try ByteInput(path: path) }
        return ByteInput(bytes: try readToEnd(standardInput))
    }

    private func readToEnd(_ input: StandardInput) throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try input(1 << 20)
            if part.isEmpty { return all }
            all += part
        }
    }

    /// A path that can be read twice: standard input is spooled to a file beside the store.
    func rereadable(_ path: String, _ standardInput: StandardInput? = nil) throws -> (path: String, spool: String?) {
        guard path == "-" else { return (path, nil) }
        let spool = store.home + "/import-\(environment.newID()).spool"
        guard FileManager.default.createFile(atPath: spool, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: spool) else { throw NodeError("node.cannot-write", ["path": spool]) }
        defer { try? output.close() }
        let input = standardInput ?? { count in Array(try FileHandle.standardInput.read(upToCount: count) ?? Data()) }
        while true {
            let part = try input(1 << 20)
            if part.isEmpty { return (spool, spool) }
            try output.write(contentsOf: Data(part))
        }
    }

    func removeSpool(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// After many rows were changed here: lets search find them, and leaves a short log.
    func settle() throws {
        try catchUpSearch()
        try store.shortenLog()
    }

    /// Brings all customers into the search index, slice by slice.
    public func catchUpSearch(progress: (Int) -> Void = { _ in }) throws {
        var count = 0
        while true {
            let indexed = try store.write { try $0.indexPending(limit: 20_000) }
            if indexed == 0 { return }
            count += indexed
            progress(count)
            if isCancelled() { throw NodeError("node.cancelled") }
        }
    }
}
