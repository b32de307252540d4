import Causality
import NodeEnvironment
import NodeOperations
import ProfileModel
import RuleLanguage
import Testing

@testable import ProfileStore

/// What SQL and the index decide is what the interpreter decides on the profiles.
struct QueryAgreementTests {
    private static let fields = [
        "name", "phone", "email", "city", "gender", "employees", "revenue", "income", "birth_date", "do_not_contact", "interests", "tags",
        "nickname", "children", "height", "former_names", "code", "external_ids", "note", "预算",
    ]
    private static let texts = [
        "张伟", "张", "伟", "Anna", "anna", "ANNA Schneider", "Ünal", "a", "", "1", "-2.5", "007", "100万", "2024-01-15", "true", "false",
        "+8613800138000", "8000", "li@example.com", "x\ny", "上海华为技术有限公司", "华为", "erp:KH-1", "z'\"%_", "CNY", "donaudampfschifffahrt",
    ]

    @Test func queriesAgreeWithTheInterpreter() throws {
        var random = SeededNumbers(seed: printedSeed())
        let here = try SearchNode()
        _ = try here.node.defineField(.init(name: "预算", type: .money))
        var catalogue = try here.node.fields().catalogue
        try fill(here, catalogue, &random)
        catalogue = try here.node.fields().catalogue
        let fields = QueryFields(catalogue)
        for round in 0..<600 {
            if round == 300 { try here.node.catchUpSearch() }
            let raw = expression(&random, depth: 3)
            guard let checked = try? raw.check(against: fields) else { continue }
            let query = CustomerQuery(checked, fields)
            try here.store.read { (reader) throws -> Void in
                var found: [RowID] = []
                try reader.forEachMatch(query) { found.append($0) }
                let expected = try allProfiles(reader).filter { profile in
                    // Of whom nothing is said any more is found no more, whatever a deleted record says that is linked to it.
                    guard query.includesDeleted || !profile.isDeleted, !profile.isVacant else { return false }
                    return try query.holds(QueryValues(profile, fields, reader))
                }.map(\.id)
                #expect(Set(found) == Set(expected), "\(checked)")
                #expect(found.count == Set(found).count, "\(checked)")
                let page = try reader.find(query, limit: 5)
                #expect(page.total == found.count, "\(checked)")
                #expect(page.profiles.map(\.id) == Array(found.prefix(5)), "\(checked)")
            }
        }
    }

    private func allProfiles(_ reader: StoreReader) throws -> [Profile] {
        var seen: Set<RowID> = []
        return try reader.rows(.customers, where: "life <> 3").compactMap { row in
            let profile = try #require(try reader.profile(of: row.id))
            return seen.insert(profile.id).inserted ? profile : nil
        }
    }

    // MARK: Random customers

    private func fill(_ here: SearchNode, _ catalogue: FieldCatalogue, _ random: inout SeededNumbers) throws {
        var ids: [RowID] = []
        for _ in 0..<150 {
            let id = UniqueID(high: random.next() & ~0xf000 | 0x7000, low: random.next() | 1 << 63)
            try here.store.write { writer in
                let key = try writer.node().key
                var state = RowState()
                for _ in 0...random.below(12) { try write(catalogue, id, key, writer, &state, &random) }
                if random.below(12) == 0 {
                    _ = state.writeAsPerson(
                        CellKey(field: FieldID.life.rawValue), Life.deletedValue, record: id, others: [], resolving: false, isDelete: true,
                        dot: writer.nextDot(), now: writer.store.environment.now(),
                        by: Authorship(author: "p", operation: UniqueID(high: 1, low: 1)), key: key)
                }
                try writer.put(CompactRow(state), id: id, kind: random.pick([.person, .organization]), replacing: nil)
            }
            ids.append(id)
        }
        for _ in 0..<15 {
            let a = random.pick(ids), b = random.pick(ids)
            if a != b { _ = try here.node.merge(a.description, b.description) }
        }
    }

    /// One write of a person or a source, now and then of another type than the field's, or under another origin.
    private func write(
        _ catalogue: FieldCatalogue, _ id: RowID, _ key: HashKey, _ writer: StoreWriter, _ state: inout RowState, _ random: inout SeededNumbers
    ) throws {
        let field = try #require(catalogue[random.pick(Self.fields)]), text = random.pick(Self.texts)
        let now = Stamp(rawValue: 1_700_000_000_000_000 + Int64(random.below(1_000_000)) * 100_000_000)
        let element = field.isSet ? FieldValue.bytes(text: text) : []
        var value: [UInt8]? = field.isSet ? FieldValue.present : self.value(field, text, &random)
        if random.below(8) == 0 { value = nil }
        let cell = CellKey(field: field.id.rawValue, element: element)
        let operation = UniqueID(high: 2, low: UInt64(random.below(3)))
        let dot = random.below(3) == 0 ? Dot(origin: Origin(rawValue: 99), sequence: random.next() >> 40) : writer.nextDot()
        if random.below(2) == 0 {
            _ = state.writeAsPerson(
                cell, value, record: id, others: [], resolving: random.below(4) == 0, isDelete: false, dot: dot, now: now,
                by: Authorship(author: "p", operation: operation), key: key)
        } else {
            _ = state.writeAsSource(
                cell, value, time: random.below(2) == 0 ? now : nil, dot: dot, now: now,
                by: Authorship(author: "p", source: random.pick(["erp", "crm"]), operation: operation))
        }
    }

    private func value(_ field: Field, _ text: String, _ random: inout SeededNumbers) -> [UInt8] {
        if random.below(10) == 0 { return FieldValue.bytes(text: text) }
        return switch field.type.tag {
        case .integer: FieldValue.integer(Int64(random.below(9)) - 3).bytes
        case .decimal: FieldValue.decimal(random.pick(["0.5", "-2.5", "1", "170"])).bytes
        case .money: FieldValue.money(amount: random.pick(["1", "1000000", "-2.5", "0.01"]), currency: random.pick(["CNY", "USD"])).bytes
        case .date: FieldValue.date(random.pick(["2024-01-15", "2024-01", "2024", "1999-12-31"])).bytes
        case .boolean: FieldValue.boolean(random.below(2) == 0).bytes
        default: FieldValue.bytes(text: text)
        }
    }

    // MARK: Random expressions

    private func expression(_ random: inout SeededNumbers, depth: Int) -> Expression {
        switch depth == 0 ? 9 : random.below(8) {
        case 0: return .not(expression(&random, depth: depth - 1))
        case 1, 2: return .and((0...1 + random.below(2)).map { _ in expression(&random, depth: depth - 1) })
        case 3, 4: return .or((0...1 + random.below(2)).map { _ in expression(&random, depth: depth - 1) })
        default: return .condition(condition(&random))
        }
    }

    private func condition(_ random: inout SeededNumbers) -> Condition {
        let names = Self.fields + ["kind", "scope", "deleted", "conflict", "quarantined", "created", "updated", "tag", "name", "phone"]
        let subject = Subject.field(FieldName(random.pick(names)))
        func literal() -> Literal { Literal(text: random.pick(Self.texts + ["person", "/", "2024-02", "5", "1000000"])) }
        return switch random.below(8) {
        case 0: Condition(subject, .isEmpty)
        case 1: Condition(subject, .isNotEmpty)
        case 2: Condition(subject, .isIn((0...random.below(3)).map { _ in literal() }))
        case 3, 4: Condition(subject, .compare(.equal, literal()))
        case 5: Condition(subject, .compare(.contains, literal()))
        default: Condition(subject, .compare(random.pick(Comparison.allCases), literal()))
        }
    }
}
