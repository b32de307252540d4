public import Causality
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import RuleLanguage
public import StandardForms

/// A rule by which customers are cleaned.
public enum CleanRule: Hashable, Sendable, CaseIterable {
    /// Fills gaps with what follows from other values.
    case fill(InferenceRule)
    /// Lists what cannot be for a person.
    case check(PlausibilityRule)
    /// Lists numbers that lie far from those of customers of the same kind.
    case outliers
    /// Takes 个人 out of the industry, and says it as the type of the customer.
    case individuals

    /// All rules, those that fill first.
    public static var allCases: [CleanRule] {
        InferenceRule.allCases.map(CleanRule.fill) + PlausibilityRule.allCases.map(CleanRule.check) + [.outliers, .individuals]
    }

    /// The name that commands take.
    public var name: String {
        switch self {
        case .fill(let rule): rule.rawValue
        case .check(let rule): rule.rawValue
        case .outliers: "outliers"
        case .individuals: "individuals"
        }
    }

    /// - Throws: `clean.unknown-rule`, with the nearest known name.
    public static func named(_ name: String) throws -> CleanRule {
        if let rule = allCases.first(where: { $0.name == name }) { return rule }
        let names = allCases.map(\.name)
        throw NodeError("clean.unknown-rule", ["rule": name, "nearest": NearestName.find(name, in: names) ?? names[0], "rules": names.joined(separator: ", ")])
    }

    /// The rules of a preset: `standard` has all, `fill` those that write values, `check` those that only ask.
    ///
    /// - Throws: `clean.unknown-preset`.
    public static func preset(_ name: String) throws -> Set<CleanRule> {
        let filling = allCases.filter { if case .fill = $0 { true } else { $0 == .individuals } }
        switch name {
        case "standard": return Set(allCases)
        case "fill": return Set(filling)
        case "check": return Set(allCases).subtracting(filling)
        default: throw NodeError("clean.unknown-preset", ["preset": name, "presets": presets.joined(separator: ", ")])
        }
    }

    /// The names of the presets.
    public static let presets = ["standard", "fill", "check"]
}

/// What cleaning did.
public struct CleanOutcome: Sendable {
    /// Values that were filled, by field and by what they were taken from.
    public struct Filling: Hashable, Sendable {
        public let field: String
        public let origin: String

        public init(field: String, origin: String) {
            self.field = field
            self.origin = origin
        }
    }

    /// Customers that were looked at, linked records once.
    public var customers = 0
    public var filled: [Filling: Int] = [:]
    /// Values newly listed for review, by reason.
    public var flagged: [Implausibility.Reason: Int] = [:]
    /// Industries that were none and were taken out.
    public var mended = 0
    /// Questions of an earlier run that are answered by now.
    public var settled = 0
    public var operation: OperationID?
}

extension Node {
    /// Customers of one write transaction.
    private static let cleanedSlice = 1_000

    /// Fills the gaps of all customers with what follows from what is known of them, and lists what cannot be for review.
    ///
    /// What is filled is the word of a source `inferred:…`, which counts only where nobody else speaks; a later run follows when what
    /// it was taken from changes. All is one operation that commits in slices.
    ///
    /// - Throws: `node.cancelled`.
    /// - Complexity: linear in the store; two passes where a rule compares customers with one another.
    @discardableResult
    public func clean(_ rules: Set<CleanRule>, isDryRun: Bool = false, progress: (Int) -> Void = { _ in }) throws -> CleanOutcome {
        let operation = environment.newID()
        let surroundings = try store.read { try CustomerSurroundings($0, rules: rules, isCancelled: isCancelled) }
        var outcome = CleanOutcome(), last: RowID?, isAtEnd = false
        struct Rehearsed: Error {}
        while !isAtEnd {
            if isCancelled() { throw NodeError("node.cancelled", ["rows": String(outcome.customers)]) }
            var counted = outcome, next: RowID?
            do {
                try store.write { writer in
                    counted = outcome
                    let page = try writer.customers(after: last, limit: Node.cleanedSlice)
                    next = page.next
                    let round = try CleaningRound(Edition(writer, author: author, operation: operation), rules, surroundings)
                    for profile in page.profiles { try round.clean(profile, &counted) }
                    let rows = try round.commit()
                    if isDryRun { throw Rehearsed() }
                    if rows > 0 {
                        try writer.log(operation, author: author, command: Node.cleanCommand(rules), rows: rows)
                        counted.operation = operation
                    }
                }
            } catch is Rehearsed {}
            outcome = counted
            progress(outcome.customers)
            last = next
            isAtEnd = next == nil
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }

    private static func cleanCommand(_ rules: Set<CleanRule>) -> String {
        rules == Set(CleanRule.allCases) ? "clean" : "clean " + CleanRule.allCases.filter(rules.contains).map(\.name).joined(separator: " ")
    }
}

/// One transaction of cleaning.
private final class CleaningRound {
    private let edition: Edition
    private let fields: FieldInput
    private let rules: Set<CleanRule>
    private let surroundings: CustomerSurroundings
    private let today: String
    /// What values were taken from, told beside them in the history.
    private var evidence: [(record: RowID, cell: CellKey, source: String, text: String)] = []

    init(_ edition: Edition, _ rules: Set<CleanRule>, _ surroundings: CustomerSurroundings) throws {
        self.edition = edition
        self.rules = rules
        self.surroundings = surroundings
        fields = try FieldInput(edition.writer)
        today = Timestamp.dateText(microseconds: edition.now.rawValue)
    }

    func clean(_ profile: Profile, _ outcome: inout CleanOutcome) throws {
        outcome.customers += 1
        guard let record = try home(of: profile) else { return }
        var (known, inferred) = self.known(profile)
        if rules.contains(.individuals) { try mendIndustry(of: profile, in: record, &known, &outcome) }
        if rules.contains(.fill(.orders)), known["delivery_address"] == nil || known["address"] == nil { known.orderAddresses = try orderAddresses(of: profile) }
        known.employerIndustry = known["company"].flatMap { surroundings.industry(ofOrganization: $0) }
        try fill(record, &known, inferred, &outcome)
        for (field, value) in inferred where known[field] == nil { known.registers[field] = value.text }
        try check(record, known, &outcome)
    }

    /// The record of a profile that may be written here.
    private func home(of profile: Profile) throws -> RowID? {
        for (row, life) in zip(profile.members, profile.lives) where life != .deleted {
            do {
                try edition.refuseOutside(row)
                return row.id
            } catch let error as NodeError where error.code == "node.outside-scopes" { continue }
        }
        return nil
    }

    private struct Inferred {
        let text: String
        let source: String
    }

    /// What somebody says of a customer, and what was inferred of it before.
    private func known(_ profile: Profile) -> (KnownValues, [String: Inferred]) {
        var known = KnownValues(kind: profile.kind, registers: [:], today: today), inferred: [String: Inferred] = [:]
        var contacts = Set<UInt64>()
        for cell in profile.cells {
            guard let field = fields.catalogue[FieldID(rawValue: cell.field)], field.kinds.contains(profile.kind) else { continue }
            let reading = profile.reading(cell)
            if field.isSet {
                guard reading.isPresent else { continue }
                contacts.insert(cell.field)
                if field.name == "phone" { known.phones.append(FieldValue.plainText(of: cell.element)) }
                continue
            }
            guard let write = profile.shown(reading, by: field.policy)?.write else { continue }
            let text = write.value.map { FieldValue.plainText(of: $0) }
            if write.header.isInferred, let text, let source = write.header.source {
                inferred[field.name] = Inferred(text: text, source: source)
                // What rules that do not run now have found stays known to those that do.
                if !willInfer(source) { known.registers[field.name] = text }
            } else {
                // What a person or a source cleared is not filled again.
                known.registers[field.name] = text ?? ""
            }
        }
        known.hasOtherContact = ["email", "wechat", "qq", "social_accounts"].contains { contacts.contains(fields.catalogue[$0]?.id.rawValue ?? 0) }
        return (known, inferred)
    }

    private func willInfer(_ source: String) -> Bool {
        let origin = source.dropFirst(Header.inferredSource.count + 1)
        let rule: CleanRule? = switch origin {
        case "identity": .fill(.identity)
        case "name": .fill(.names)
        case "orders": .fill(.orders)
        case "employer": .fill(.employer)
        case "regional-income": .fill(.purchasingPower)
        case "region", "region-code", "city", "address", "postcode", "area-code": .fill(.place)
        default: nil
        }
        return rule.map(rules.contains) ?? false
    }

    // MARK: Filling

    private func fill(_ record: RowID, _ known: inout KnownValues, _ present: [String: Inferred], _ outcome: inout CleanOutcome) throws {
        for rule in InferenceRule.allCases where rules.contains(.fill(rule)) {
            for inference in rule.inferences(from: known) {
                guard let field = fields.catalogue[inference.field], field.kinds.contains(known.kind),
                    let value = try? fields.bytes(inference.value, for: field) else { continue }
                known.registers[inference.field] = FieldValue.plainText(of: value)
                let source = "\(Header.inferredSource):\(inference.origin)"
                if let held = present[inference.field], held.text == known.registers[inference.field] { continue }
                let cell = CellKey(field: field.id.rawValue)
                guard try edition.write(cell, value, in: record, source: source) else { continue }
                outcome.filled[.init(field: inference.field, origin: inference.origin), default: 0] += 1
                if let text = inference.evidence { evidence.append((record, cell, source, text)) }
            }
        }
    }

    private func orderAddresses(of profile: Profile) throws -> [String] {
        let names = ["delivery_address", "shipping_address", "address", "收货地址", "送货地址", "配送地址", "地址"]
        return try edition.writer.items(of: profile, kind: .event).compactMap { row in
            let document = try row.document(edition.writer)
            return names.lazy.compactMap { document[$0] as? String }.first { !$0.isEmpty }
        }
    }

    /// Takes 个人 out of the industry where sources alone say it; of what a person wrote a person is asked.
    private func mendIndustry(of profile: Profile, in record: RowID, _ known: inout KnownValues, _ outcome: inout CleanOutcome) throws {
        guard let industry = known["industry"], PlausibilityRule.isIndividual(industry: industry), let field = fields.catalogue["industry"] else { return }
        let cell = CellKey(field: field.id.rawValue)
        if profile.reading(cell).candidates.contains(where: { $0.write.isPerson }) {
            try flag(Implausibility(field: "industry", raw: industry, reason: .individual), of: record, &outcome)
            return
        }
        try edition.write(cell, nil, in: record, others: profile.members.map(\.id))
        outcome.mended += 1
        known.registers["industry"] = ""
        guard known["customer_type"] == nil, let type = fields.catalogue["customer_type"] else { return }
        known.registers["customer_type"] = "个人"
        let source = "\(Header.inferredSource):industry", typeCell = CellKey(field: type.id.rawValue)
        if try edition.write(typeCell, FieldValue.bytes(text: "个人"), in: record, source: source) {
            outcome.filled[.init(field: "customer_type", origin: "industry"), default: 0] += 1
            evidence.append((record, typeCell, source, industry))
        }
    }

    // MARK: Asking

    private func check(_ record: RowID, _ known: KnownValues, _ outcome: inout CleanOutcome) throws {
        var found: [Implausibility] = [], asked = Set<Implausibility.Reason>()
        var filled = known
        filled.registers = filled.registers.filter { !$0.value.isEmpty }
        for rule in PlausibilityRule.allCases where rules.contains(.check(rule)) {
            found += rule.implausibilities(of: filled)
            asked.formUnion(rule == .quarantine ? [.quarantine] : [.age, .future, .birthAgainstIdentity, .genderAgainstIdentity, .places, .datesReversed])
        }
        if rules.contains(.outliers) {
            found += surroundings.outliers(of: filled)
            asked.insert(.outlier)
        }
        for implausibility in found { try flag(implausibility, of: record, &outcome) }
        try settle(record, asked: asked, standing: found, &outcome)
    }

    /// The row of the question about a value that stands, or is to be asked: one on however many nodes it is found.
    ///
    /// A question that a run of cleaning settled, because the value was gone, is not answered: when the value is back it is asked again, in a
    /// row of its own. What a person decided of a value stays decided.
    private func itemID(_ implausibility: Implausibility, of record: RowID) throws -> RowID {
        var key = "\(record)|\(implausibility.field)|\(implausibility.reason.rawValue)|\(implausibility.raw)"
        while true {
            let id = try edition.writer.naturalID("review", key)
            guard let draft = try edition.draft(id), isSettled(draft) else { return id }
            key += "|again"
        }
    }

    private func isSettled(_ draft: RowDraft) -> Bool {
        let writes = draft.writes(in: CellKey(field: FieldID.done.rawValue))
        return !writes.isEmpty && writes.allSatisfy { $0.header.isInferred }
    }

    /// Lists a value once, however often it is looked at and on however many nodes.
    private func flag(_ implausibility: Implausibility, of record: RowID, _ outcome: inout CleanOutcome) throws {
        let id = try itemID(implausibility, of: record)
        if try edition.kind(id) != nil { return }
        var document: [String: EventDocument.Value] = [
            "customer": .text(record.description), "field": .text(implausibility.field), "raw": .text(implausibility.raw),
            "reason": .text(implausibility.reason.rawValue), "source": .text(Header.inferredSource),
        ]
        document["proposed"] = implausibility.proposed.map { .text($0) }
        try edition.open(id, kind: .review)
        try edition.write(
            CellKey(field: FieldID.content.rawValue), FieldValue.json(EventDocument.text(document)).bytes, in: id,
            source: "\(Header.inferredSource):check")
        outcome.flagged[implausibility.reason, default: 0] += 1
    }

    /// Closes what was asked before and is not the case any more.
    private func settle(_ record: RowID, asked: Set<Implausibility.Reason>, standing: [Implausibility], _ outcome: inout CleanOutcome) throws {
        guard let open = surroundings.questions[record], !open.isEmpty else { return }
        let still = try Set(standing.map { try itemID($0, of: record) })
        for (id, reason) in open where asked.contains(reason) && !still.contains(id) {
            try edition.write(CellKey(field: FieldID.done.rawValue), FieldValue.bytes(text: "settled"), in: id, source: "\(Header.inferredSource):check")
            outcome.settled += 1
        }
    }

    func commit() throws -> Int {
        let rows = try edition.commit()
        for (record, cell, source, text) in evidence {
            let header = Header(stamp: edition.now, author: edition.author, source: source, operation: edition.operation)
            try edition.writer.keep(given: text, in: cell, of: record, by: header)
        }
        evidence = []
        return rows
    }
}
