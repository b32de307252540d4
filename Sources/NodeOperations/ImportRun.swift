internal import Causality
internal import DataExchange
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// A row of a table, read and ready to be written: outside the write lock, so that a slow input holds up nobody.
///
/// A reference, because its parts are many to copy.
final class ImportedRow {
    let id: RowID
    let kind: RowKind
    let content: Content

    init(id: RowID, kind: RowKind, _ content: Content) {
        self.id = id
        self.kind = kind
        self.content = content
    }

    /// What the row says.
    struct Content {
        /// In the order of the keys.
        var cells = PlainCells()
        /// Registers that the source says are empty.
        var cleared: [CellKey] = []
        var doubts: [Doubt] = []
        var given: [Given] = []
        /// An event's customer, as it is written.
        var reference: String?
    }

    /// A value that fails its field, kept raw for a person to look at.
    struct Doubt {
        let field: Field
        let raw: String
        let reason: String
        /// What the field would get, where something is proposed.
        var proposed: String?
    }

    /// A value that was brought into its standard form, as it was given.
    struct Given {
        let fieldName: String
        let cell: CellKey
        let raw: String
        let changes: [FormChange]
    }
}

/// One import at work: reads rows by a plan and writes them slice by slice.
final class ImportRun {
    var outcome = ImportOutcome()
    private(set) var plan: ImportPlan?
    private let node: Node
    private let options: ImportOptions
    private let source: String
    private let operation: OperationID
    private let header: Header
    private let hashKey: HashKey
    private let origin: Origin
    private var fields: FieldInput
    private var newFields: [Field] = []
    private var kind: RowKind
    private var isKindKnown: Bool
    private let prefix: [UInt8]
    private let scopeCell: CompactRow.PlainCell?
    private var rehearsed: Set<RowID> = []
    private var isLogged = false
    /// Industries proposed for free texts, which repeat.
    private var proposals: [String: String?] = [:]

    init(node: Node, source: String, options: ImportOptions) throws {
        self.node = node
        self.source = source
        self.options = options
        operation = node.environment.newID()
        header = Header(stamp: node.environment.now(), author: node.author, source: source, operation: operation)
        let (identity, input) = try node.store.read { (try $0.node(), try FieldInput($0, spreadsheetDates: options.spreadsheetDates)) }
        hashKey = identity.key
        origin = identity.origin
        fields = input
        kind = options.kind ?? .person
        isKindKnown = options.kind != nil
        prefix = Array("\(source):".utf8)
        let scope = try identity.home(options.scope)
        scopeCell = scope == StoreWriter.rootScope
            ? nil : .init(key: CellKey(field: FieldID.scope.rawValue), value: FieldValue.bytes(text: scope))
    }

    // MARK: Columns

    /// Gives the columns that are not planned yet their meaning.
    private func extendPlan(_ titles: [String], json row: TableRow? = nil) throws {
        var plan = self.plan ?? ImportPlan()
        if !isKindKnown {
            kind = ImportPlan.kind(of: titles, catalogue: fields.catalogue)
            isKindKnown = true
        }
        for title in titles[plan.roles.count...] {
            let role = try role(of: title)
            if case .ignored = role { plan.ignored.append(title) }
            plan.roles.append(role)
        }
        plan.key = try options.key.map { name in
            guard let index = titles.firstIndex(of: name) ?? titles.firstIndex(where: { fields.catalogue.field(titled: $0)?.name == name }) else {
                throw NodeError("node.no-such-column", ["column": name])
            }
            return index
        }
        for title in options.mapping.keys where self.plan == nil && !titles.contains(title) {
            throw NodeError("node.no-such-column", ["column": title])
        }
        self.plan = plan
    }

    private func role(of title: String) throws -> ImportPlan.Role {
        if let name = options.mapping[title] {
            if ImportPlan.isExternalID(name) { return .externalID }
            return kind == .event ? ImportPlan.eventRole(name, fields) : role(try fields.field(name))
        }
        if ImportPlan.isExternalID(title) { return .externalID }
        if kind == .event { return ImportPlan.eventRole(title, fields) }
        if let field = fields.catalogue.field(titled: title, of: kind) { return role(field) }
        if ImportPlan.isKind(title) { return .kind }
        guard options.addsFields, let name = try? CustomField.checkedName(title.replacing(" ", with: "_")) else { return .ignored }
        let id = try node.store.read { try CustomField.id(name, reader: $0) }
        let field = Field(id: id, name: name, type: .text, labelEnglish: title, labelChinese: title)
        fields.add(field)
        newFields.append(field)
        outcome.addedFields.append(name)
        return role(field)
    }

    private func role(_ field: Field) -> ImportPlan.Role { .field(.init(field, fields.form(of: field))) }

    // MARK: Rows

    /// Reads a row by the plan.
    func read(_ row: TableRow, columns: [String]) throws -> ImportedRow {
        if plan == nil || plan!.roles.count < columns.count { try extendPlan(columns) }
        return kind == .event ? try readEvent(row, columns: columns) : try readCustomer(row)
    }

    private func readCustomer(_ row: TableRow) throws -> ImportedRow {
        var out = ImportedRow.Content()
        out.cells.reserveCapacity(cells: row.columnCount + 4, bytes: 24 * row.columnCount)
        let roles = plan!.roles
        for column in plan!.inOrder {
            let raw = row.bytes(column)
            if raw.isEmpty, row.kind(column) != .null { continue }
            switch roles[column] {
            case .externalID:
                out.cells.append(
                    field: FieldID.externalIDs.rawValue, writingElement: {
                        $0.append(FieldValue.Tag.text.rawValue)
                        $0 += prefix
                        $0 += trimmed(raw)
                    },
                    writingValue: { $0 += FieldValue.present })
            case .field(let target):
                if row.kind(column) == .null || isClear(raw) {
                    if !target.isSet { out.cleared.append(CellKey(field: target.id)) }
                } else if target.isSet {
                    readElements(row, column, raw, target, into: &out)
                } else {
                    read(raw, target, into: &out)
                }
            case .kind, .event, .ignored: break
            }
        }
        if let scopeCell { out.cells.append(scopeCell) }
        // A row that names a value twice says it once; of a register named by two columns the first counts.
        out.cells.sort()
        return ImportedRow(id: try key(of: row, kind: "customer"), kind: kind(of: row), out)
    }

    private func kind(of row: TableRow) -> RowKind {
        guard options.kind == nil else { return kind }
        for (column, role) in plan!.roles.enumerated() {
            if case .kind = role, let name = row.string(column) {
                switch name.lowercased() {
                case "organization", "company", "企业", "公司", "单位": return .organization
                case "person", "个人", "自然人": return .person
                default: break
                }
            }
        }
        return kind
    }

    @inline(__always)
    private func read(_ raw: UnsafeBufferPointer<UInt8>, _ target: ImportPlan.FieldColumn, into out: inout ImportedRow.Content) {
        do throws(FormProblem) {
            var changed: [UInt8]?
            try out.cells.append(field: target.id) { (bytes) throws(FormProblem) in changed = try target.append(raw, to: &bytes) }
            if let changed { keep(raw, target, CellKey(field: target.id), changed, &out) }
            if target.isIndustry { propose(raw, target.field, &out) }
        } catch { doubt(raw, target.field, error, &out) }
    }

    /// Asks a person where an industry is a free text in which a word names one of the standard.
    private func propose(_ raw: UnsafeBufferPointer<UInt8>, _ field: Field, _ out: inout ImportedRow.Content) {
        let text = String(decoding: raw.prefix(Self.rawBytesMaximum), as: UTF8.self)
        let proposal: String?
        if let known = proposals[text] {
            proposal = known
        } else {
            proposal = Industry(text) == nil ? Industry.proposal(for: text)?.code : nil
            proposals[text] = .some(proposal)
        }
        if let proposal { out.doubts.append(.init(field: field, raw: text, reason: "forms.industry-proposed", proposed: proposal)) }
    }

    private func readElements(
        _ row: TableRow, _ column: Int, _ raw: UnsafeBufferPointer<UInt8>, _ target: ImportPlan.FieldColumn, into out: inout ImportedRow.Content
    ) {
        func element(_ raw: UnsafeBufferPointer<UInt8>) {
            do throws(FormProblem) {
                var changed: [UInt8]?
                try out.cells.append(
                    field: target.id,
                    writingElement: { (bytes) throws(FormProblem) in changed = try target.append(raw, to: &bytes) },
                    writingValue: { (bytes) throws(FormProblem) in bytes += FieldValue.present })
                if let changed { keep(raw, target, CellKey(field: target.id, element: changed), changed, &out) }
            } catch { doubt(raw, target.field, error, &out) }
        }
        if let list = row.list(column) {
            for var text in list { text.withUTF8(element) }
            return
        }
        var start = 0
        for index in 0...raw.count where index == raw.count || raw[index] == UInt8(ascii: ";") {
            if index > start { element(UnsafeBufferPointer(rebasing: raw[start..<index])) }
            start = index + 1
        }
    }

    /// Keeps a value as it was given.
    private func keep(
        _ raw: UnsafeBufferPointer<UInt8>, _ target: ImportPlan.FieldColumn, _ cell: CellKey, _ form: [UInt8], _ out: inout ImportedRow.Content
    ) {
        let text = String(decoding: raw.prefix(Self.rawBytesMaximum), as: UTF8.self)
        out.given.append(.init(fieldName: target.field.name, cell: cell, raw: text, changes: target.form.changes(from: raw, to: form)))
    }

    private static let rawBytesMaximum = 2_000

    private func doubt(_ raw: UnsafeBufferPointer<UInt8>, _ field: Field, _ problem: FormProblem, _ out: inout ImportedRow.Content) {
        if problem.reason == .empty { return }
        out.doubts.append(.init(field: field, raw: String(decoding: raw.prefix(Self.rawBytesMaximum), as: UTF8.self), reason: problem.code))
    }

    private func isClear(_ raw: UnsafeBufferPointer<UInt8>) -> Bool {
        raw.count == 2 && raw[0] == UInt8(ascii: "\\") && raw[1] == UInt8(ascii: "N")
    }

    private func trimmed(_ raw: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        guard let first = raw.firstIndex(where: { !isSpace($0) }), let last = raw.lastIndex(where: { !isSpace($0) }) else {
            return UnsafeBufferPointer(rebasing: raw[..<0])
        }
        return UnsafeBufferPointer(rebasing: raw[first...last])
    }

    /// The id of a row: from its external id, from the columns that identify it, or from all that it says.
    private func key(of row: TableRow, kind: String) throws -> RowID {
        for (column, role) in plan!.roles.enumerated() {
            if case .externalID = role {
                let id = trimmed(row.bytes(column))
                if !id.isEmpty { return .natural(kind: kind, key: prefix + id, hashKey: hashKey) }
            }
        }
        var hash = SipHash128(key: hashKey)
        hash.update(kind)
        hash.update(prefix)
        let columns = plan!.key.isEmpty || plan!.key.allSatisfy { row.bytes($0).isEmpty } ? Array(plan!.roles.indices) : plan!.key
        hash.update(UInt64(plan!.key.isEmpty ? 0 : 1))
        for column in columns where !row.bytes(column).isEmpty {
            hash.update(UInt64(column))
            hash.update(Array(trimmed(row.bytes(column))))
        }
        return .version8(hash: hash.finalize())
    }

    // MARK: Events

    private func readEvent(_ row: TableRow, columns: [String]) throws -> ImportedRow {
        var out = ImportedRow.Content()
        var document: [String: EventDocument.Value] = [:]
        for (column, role) in plan!.roles.enumerated() {
            let raw = row.bytes(column)
            guard !raw.isEmpty, !isClear(raw) else { continue }
            switch role {
            case .event(let name, let read):
                guard let read else {
                    document[name] = row.kind(column) == .list || row.kind(column) == .json
                        ? .json(String(decoding: raw, as: UTF8.self)) : .text(String(decoding: raw, as: UTF8.self))
                    continue
                }
                switch read.form.read(raw) {
                case .success(let bytes): document[name] = .text(FieldValue.plainText(of: bytes))
                case .failure(let problem):
                    doubt(raw, read.field, problem, &out)
                    document[name + "_raw"] = .text(String(decoding: raw, as: UTF8.self))
                }
            case .externalID: document["external_id"] = .text(String(decoding: trimmed(raw), as: UTF8.self))
            case .field, .kind, .ignored: break
            }
        }
        if case .text(let customer)? = document["customer"] {
            let reference = customer.contains(":") || UniqueID(customer) != nil ? customer : "\(source):\(customer)"
            document["customer"] = .text(reference)
            out.reference = reference
        }
        if document["type"] == nil { document["type"] = .text("order") }
        if let scopeCell { out.cells.append(scopeCell) }
        out.cells.append(.init(key: CellKey(field: FieldID.content.rawValue), value: FieldValue.json(EventDocument.text(document)).bytes))
        return ImportedRow(id: try key(of: row, kind: "event"), kind: .event, out)
    }

    // MARK: Writing

    private struct Rehearsed: Error {}

    /// Writes a slice in one transaction, or only counts what it would do.
    func apply(_ slice: [ImportedRow]) throws {
        guard !slice.isEmpty else { return }
        var counted = outcome
        do {
            try node.store.write { writer in
                counted = outcome
                let changed = try write(slice, writer, &counted)
                if options.isDryRun { throw Rehearsed() }
                if changed > 0 {
                    try writer.log(operation, author: node.author, command: "import \(source)", rows: changed, isBulk: true)
                    isLogged = true
                }
            }
        } catch is Rehearsed {
            rehearsed.formUnion(slice.map(\.id))
        }
        outcome = counted
        outcome.operation = isLogged ? operation : nil
    }

    private func write(_ slice: [ImportedRow], _ writer: StoreWriter, _ counted: inout ImportOutcome) throws -> Int {
        var changed = 0
        if !newFields.isEmpty {
            let edition = try Edition(writer, author: node.author, operation: operation)
            for field in newFields { try edition.define(field, source: source) }
            changed += try edition.commit()
            if !options.isDryRun { newFields = [] }
        }
        var numbered: [(RowID, OfficialNumber)] = []
        var known = try writer.customers(among: slice.lazy.filter(\.kind.isCustomer).map(\.id))
        for row in slice {
            let isNew = row.kind.isCustomer && known?.insert(row.id).inserted ?? false
            let effect = try write(row, isNew: isNew, writer)
            if effect == .created || effect == .updated {
                for given in row.content.given {
                    try writer.keep(given: given.raw, in: given.cell, of: row.id, by: header)
                    for change in given.changes { counted.cleaned[.init(field: given.fieldName, change: change), default: 0] += 1 }
                }
            }
            switch effect {
            case .created: counted.created += 1; changed += 1
            case .updated: counted.updated += 1; changed += 1
            case .unchanged: counted.unchanged += 1
            case .erased:
                counted.rejected += 1
                counted.erased += 1
                continue
            case .elsewhere:
                counted.rejected += 1
                counted.elsewhere += 1
                continue
            }
            for doubt in row.content.doubts { if try send(doubt, of: row, writer) { counted.flagged += 1 } }
            if row.kind == .event, try !isKnown(row, writer) { counted.waiting += 1 }
            if effect != .unchanged, let number = OfficialNumber(row) { numbered.append((row.id, number)) }
        }
        if !numbered.isEmpty { changed += try link(numbered, writer, &counted) }
        return changed
    }

    /// Links the records that share a number of an authority; how many rows that took.
    private func link(_ numbered: [(RowID, OfficialNumber)], _ writer: StoreWriter, _ counted: inout ImportOutcome) throws -> Int {
        let hand = LinkerHand(try Edition(writer, author: node.author, operation: operation))
        for (record, number) in numbered { counted.linked += try hand.link(record, sharing: number) }
        return try hand.commit()
    }

    private enum Effect {
        case created, updated, unchanged
        /// The customer, or the one to whom the event belongs, is erased for ever.
        case erased
        /// The customer has left what this node holds, and the event with it.
        case elsewhere
    }

    /// - Parameter isNew: whether the store is known not to hold the row.
    private func write(_ row: ImportedRow, isNew: Bool, _ writer: StoreWriter) throws -> Effect {
        guard !isNew, let stored = try writer.row(row.id, like: row.kind) else {
            if options.isDryRun, rehearsed.contains(row.id) { return .unchanged }
            if row.content.cells.isEmpty { return .unchanged }
            if try writer.isElsewhere(row.id) { return .elsewhere }
            try writer.prepareToWrite(in: row.id, knowing: nil)
            do {
                try writer.put(
                    CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: row.content.cells), id: row.id, kind: row.kind, replacing: nil)
            } catch let error as StoreError where error.isErased { return .erased }
            return .created
        }
        var changes: [CellChange] = []
        let authorship = Authorship(author: node.author, source: source, operation: operation)
        let repeats = stored.compact.saysAlready(row.content.cells, source: source) && row.content.cleared.isEmpty
        if repeats { return .unchanged }
        try writer.prepareToWrite(in: row.id, knowing: stored.compact.context)
        var draft = RowDraft(stored.compact)
        // A row's cells written now share one dot.
        var dot: Dot?
        func nextDot() -> Dot {
            if dot == nil { dot = writer.nextDot() }
            return dot!
        }
        for cell in row.content.cells where cell.key.field != FieldID.scope.rawValue {
            if let change = draft.writeAsSource(cell.key, cell.value, dot: nextDot(), now: header.stamp, by: authorship) { changes.append(change) }
        }
        for cell in row.content.cleared where !draft.writes(in: cell).isEmpty {
            if let change = draft.writeAsSource(cell, nil, dot: nextDot(), now: header.stamp, by: authorship) { changes.append(change) }
        }
        if changes.isEmpty { return .unchanged }
        try writer.put(draft.compact, id: row.id, kind: stored.kind, replacing: stored)
        try writer.remember(changes, of: row.id, operation: operation, at: header.stamp)
        return .updated
    }

    private func isKnown(_ row: ImportedRow, _ writer: StoreWriter) throws -> Bool {
        guard let reference = row.content.reference else { return false }
        return try !writer.records(named: reference).isEmpty
    }

    /// Lists a doubtful value once, however often the table is imported and on however many nodes.
    private func send(_ doubt: ImportedRow.Doubt, of row: ImportedRow, _ writer: StoreWriter) throws -> Bool {
        let id = try writer.naturalID("review", "\(row.id)|\(doubt.field.name)|\(doubt.raw)")
        if try writer.row(id, like: .review) != nil { return true }
        var document: [String: EventDocument.Value] = [
            "customer": .text(row.id.description), "field": .text(doubt.field.name), "raw": .text(doubt.raw), "reason": .text(doubt.reason),
            "source": .text(source),
        ]
        document["proposed"] = doubt.proposed.map { .text($0) }
        let cell = CompactRow.PlainCell(key: CellKey(field: FieldID.content.rawValue), value: FieldValue.json(EventDocument.text(document)).bytes)
        try writer.put(
            CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: [cell]), id: id, kind: .review, replacing: nil)
        return true
    }
}

extension CompactRow {
    /// Whether a source already says exactly these cells by the row's base: the quick answer to a second import.
    fileprivate func saysAlready(_ cells: PlainCells, source: String) -> Bool {
        guard let base, let speaker = base.header.source, speaker.utf8.elementsEqual(source.utf8) else { return false }
        return cells.cells(notIn: plain).isEmpty
    }
}
