import Causality
import FleetSupport
import MergeVectors
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// What a later version writes goes through an earlier one unharmed: fields, kinds of rows and types of values that it has
/// never heard of.
@Suite struct UnknownPartsTests {
    private static let loyalty = Field(
        id: FieldID(rawValue: 900), name: "loyalty", type: .integer, labelEnglish: "Loyalty", labelChinese: "忠诚度", policy: .highest)
    private static let allergies = Field(
        id: FieldID(rawValue: 901), name: "allergies", type: .text, isSet: true, labelEnglish: "Allergies", labelChinese: "过敏")
    private static let later: FieldCatalogue = {
        var catalogue = FieldCatalogue.standard
        catalogue.add(loyalty)
        catalogue.add(allergies)
        return catalogue
    }()
    /// A kind that no version knows yet.
    private static let contract = RowKind(rawValue: 900)
    /// A type of values that no version knows yet.
    private static func value(_ text: String) -> [UInt8] { [200] + Array(text.utf8) }

    private let folder: TestFolder
    private let transport = DirectTransport()
    /// Two later programs that meet over an earlier one alone.
    private let left: Node, right: Node
    private var older: Node
    private let record: RowID

    init() throws {
        folder = try TestFolder()
        left = try Self.found("left", 1, Self.later, in: folder)
        older = try Self.found("older", 2, .standard, in: folder)
        right = try Self.found("right", 3, Self.later, in: folder)
        record = try left.add("name=Gong Li", "city=Wuhan")
        try meet()
    }

    private static func environment(_ prefix: UInt8, _ fields: FieldCatalogue) -> SimulatedEnvironment {
        SimulatedEnvironment(prefix: prefix, seed: UInt64(fields.fields.count), knownFields: fields)
    }

    private static func found(_ name: String, _ prefix: UInt8, _ fields: FieldCatalogue, in folder: TestFolder) throws -> Node {
        let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))
        return try Node.found(home: folder[name], name: name, author: name, deployment: deployment, environment: environment(prefix, fields)).node
    }

    /// Sessions of the older node with both others until all is told; all rows must then be the same everywhere.
    private func meet() throws {
        for _ in 0..<3 {
            for (caller, answering) in [(left, older), (older, right), (right, older), (older, left)] {
                if let error = try transport.session(from: caller, to: answering).error { throw error }
            }
        }
        let digests = try [left, older, right].map { try $0.status().counts.digest }
        #expect(Set(digests).count == 1)
        let states = try [left, older, right].map { node in
            try Dictionary(uniqueKeysWithValues: StoreLaws.rows(node).map { ($0.id, [$0.kind.rawValue: $0.row.expanded]) })
        }
        #expect(states[0] == states[1] && states[1] == states[2])
        for node in [left, older, right] { try StoreLaws.check(node) }
    }

    private func write(_ node: Node, _ body: (Edition) throws -> Void) throws {
        try node.store.write { writer in
            let edition = try Edition(writer, author: node.author, operation: node.environment.newID())
            try body(edition)
            _ = try edition.commit()
        }
    }

    private mutating func upgrade() throws {
        older = try Node.open(home: older.store.home, author: "older", environment: Self.environment(2, Self.later))
    }

    @Test mutating func fieldsAreKeptJoinedAndUnderstoodAfterAnUpgrade() throws {
        _ = try left.edit(record, "loyalty=7", "allergies+=nuts")
        try meet()
        #expect(try right.value("loyalty", of: record) == "7")
        // Three people at once: two in a field that the third, who edits beside it, cannot see.
        _ = try left.edit(record, "loyalty=8", "allergies+=milk")
        _ = try right.edit(record, "loyalty=9", "allergies-=nuts", "allergies+=dust")
        _ = try older.edit(record, "city=Xian")
        try meet()
        for node in [left, right] {
            #expect(try node.value("loyalty", of: record) == "9")
            #expect(try node.show(record.description)["allergies"].sorted() == ["dust", "milk"])
            #expect(try node.conflicts(of: record) == ["field loyalty: 8, 9"])
            #expect(try node.value("city", of: record) == "Xian")
        }
        // The earlier version shows what it knows, and names the conflict by the field's number.
        let shown = try older.show(record.description)
        #expect(shown["name"] == ["Gong Li"] && shown["city"] == ["Xian"] && !shown.values.contains { $0.field.id == Self.loyalty.id })
        #expect(try older.conflicts(of: record) == ["field field-900: 8, 9"])
        #expect(try older.conflictGroups().groups.map(\.field) == ["field-900"])
        try upgrade()
        #expect(try older.value("loyalty", of: record) == "9")
        #expect(try older.show(record.description)["allergies"].sorted() == ["dust", "milk"])
        #expect(try older.conflicts(of: record) == ["field loyalty: 8, 9"])
        #expect(try older.find("loyalty > 8").rows.map(\.id) == [record])
        #expect(try older.find("allergies = dust").total == 1)
        _ = try older.edit(record, "loyalty=10")
        try meet()
        #expect(try left.value("loyalty", of: record) == "10" && left.conflicts().total == 0)
    }

    @Test func allThatReadsGoesOn() throws {
        _ = try left.edit(record, "loyalty=7", "allergies+=nuts")
        let name = FieldCatalogue.standard["note"]!.id.rawValue, tags = FieldID.tags.rawValue
        try write(left) { edition in
            try edition.write(CellKey(field: name), Self.value("later"), in: record)
            try edition.write(CellKey(field: tags, element: Self.value("later")), FieldValue.present, in: record)
            try edition.open(RowID(high: 9, low: 9), kind: Self.contract)
            try edition.write(CellKey(field: FieldID.content.rawValue), Self.value("no document"), in: RowID(high: 9, low: 9))
        }
        try meet()
        let findings = try older.examine().filter { !$0.isFine && ["doctor.integrity", "doctor.sums"].contains($0.name) }
        #expect(findings.isEmpty)
        #expect(try older.find("Gong").rows.map(\.id) == [record])
        for expression in ["note = later", "NOT note = later", "note is not empty", "tag = later", "city = Wuhan", "name ~ Gong"] {
            #expect(throws: Never.self) { _ = try older.find(expression) }
        }
        #expect(try older.find("city = Wuhan").total == 1)
        var exported: [ExportedProfile] = []
        try older.exportProfiles { exported.append($0) }
        #expect(exported.map(\.id) == [record] && exported[0].values["loyalty"] == nil)
        #expect(try !older.history(record.description).filter { $0.field == "field-900" }.isEmpty)
        #expect(try !older.changes().isEmpty)
        #expect(try older.status().counts.customers == 1)
        #expect(try older.store.read { try $0.completeness().records } == 1)
        #expect(try older.show(record.description)["note"] == ["0xc86c61746572"])
        // What it writes beside them, and a delete and its undoing, leave them as they are.
        _ = try older.edit(record, "note=ours", "tags+=ours")
        _ = try older.delete(record.description)
        _ = try older.undo(nil)
        try meet()
        #expect(try right.value("loyalty", of: record) == "7")
        #expect(try right.show(record.description)["allergies"] == ["nuts"])
    }

    @Test mutating func aConflictOfAnUnknownFieldIsPickedButNotWritten() throws {
        _ = try left.edit(record, "loyalty=8")
        _ = try right.edit(record, "loyalty=9")
        try meet()
        let conflict = try #require(try older.conflicts().conflicts.first)
        #expect(throws: NodeError.self) { _ = try older.resolve(conflict.key, .value("12")) }
        let eight = try #require(conflict.candidates.first { $0.value == "8" })
        _ = try older.resolve(conflict.key, .pick(eight.dot))
        try meet()
        for node in [left, right] {
            #expect(try node.value("loyalty", of: record) == "8")
            #expect(try node.conflicts().total == 0)
        }
    }

    @Test func rowsOfUnknownKindsAreJoinedAndPassedOn() throws {
        let row = RowID(high: 0x0198_0000_0000_7000, low: 1 << 63 | 5)
        let cells = (0..<6).map { CellKey(field: 910 + UInt64($0)) }
        try write(left) { edition in
            try edition.open(row, kind: Self.contract)
            for cell in cells { try edition.write(cell, Self.value("first \(cell.field)"), in: row) }
        }
        try meet()
        #expect(try right.store.read { try $0.row(row)?.kind } == Self.contract)
        try write(left) { try $0.write(cells[0], Self.value("left"), in: row) }
        try write(right) { edition in
            try edition.write(cells[0], Self.value("right"), in: row)
            try edition.write(cells[1], nil, in: row)
        }
        try meet()
        let state = try #require(try older.store.read { try $0.row(row)?.state })
        #expect(Set(state.cells[cells[0], default: []].compactMap(\.value)) == [Self.value("left"), Self.value("right")])
        #expect(state.cells[cells[2]]?.first?.value == Self.value("first 912"))
    }

    /// A customer of a source that one version takes for a person and a later one for something new is one row everywhere.
    @Test(arguments: [true, false]) func anExternalIDIsOneRowWhateverItsKind(isUnknownFirst: Bool) throws {
        let id = try older.store.read { try $0.customerID(externalID: "erp:77") }
        let name = CellKey(field: FieldCatalogue.standard["name"]!.id.rawValue), city = CellKey(field: FieldCatalogue.standard["city"]!.id.rawValue)
        func person() throws {
            try write(right) { edition in
                try edition.open(id, kind: .person)
                try edition.write(name, FieldValue.bytes(text: "Pan"), in: id)
            }
        }
        func household() throws {
            try write(left) { edition in
                try edition.open(id, kind: Self.contract)
                try edition.write(city, FieldValue.bytes(text: "Hefei"), in: id)
            }
        }
        if isUnknownFirst { try household() } else { try person() }
        if let error = try transport.session(from: older, to: isUnknownFirst ? left : right).error { throw error }
        if isUnknownFirst { try person() } else { try household() }
        try meet()
        let shown = try older.show(id.description)
        #expect(shown.kind == .person && shown["name"] == ["Pan"] && shown["city"] == ["Hefei"])
        #expect(try older.find("Pan").total == 1)
    }

    @Test func aDefinitionOfALaterTypeIsNotDefinedAgain() throws {
        let id = try left.store.read { try $0.naturalID("field", "shape") }
        try write(left) { edition in
            try edition.open(id, kind: .field)
            try edition.write(CellKey(field: FieldID.content.rawValue), FieldValue.json(#"{"name":"shape","type":"polygon"}"#).bytes, in: id)
        }
        try meet()
        #expect(try older.fields().catalogue["shape"] == nil)
        #expect(throws: NodeError.self) { _ = try older.defineField(FieldDefinition(name: "shape", type: .text)) }
    }
}
