internal import Causality
internal import MergeVectors
internal import ProfileModel

/// A question about customers that the oracle answers by itself: its own tree, its own meaning, and the text that the product reads.
indirect enum OracleQuery {
    case not(OracleQuery)
    case all([OracleQuery])
    case any([OracleQuery])
    case equal(String, String)
    case different(String, String)
    case contains(String, String)
    case below(String, String)
    case atLeast(String, String)
    case isOneOf(String, [String])
    case isEmpty(String)
    case isNotEmpty(String)

    /// As people write it.
    var text: String {
        func quoted(_ value: String) -> String { value.first?.isNumber == true ? value : "\"\(value)\"" }
        switch self {
        case .not(let operand): return "not (\(operand.text))"
        case .all(let operands): return operands.map { "(\($0.text))" }.joined(separator: " and ")
        case .any(let operands): return operands.map { "(\($0.text))" }.joined(separator: " or ")
        case .equal(let field, let value): return "\(field) = \(quoted(value))"
        case .different(let field, let value): return "\(field) != \(quoted(value))"
        case .contains(let field, let value): return "\(field) ~ \(quoted(value))"
        case .below(let field, let value): return "\(field) < \(quoted(value))"
        case .atLeast(let field, let value): return "\(field) >= \(quoted(value))"
        case .isOneOf(let field, let values): return "\(field) in (\(values.map(quoted).joined(separator: ", ")))"
        case .isEmpty(let field): return "\(field) is empty"
        case .isNotEmpty(let field): return "\(field) is not empty"
        }
    }

    /// Whether it speaks of deleted customers, who are left out otherwise.
    var speaksOfDeleted: Bool {
        switch self {
        case .not(let operand): operand.speaksOfDeleted
        case .all(let operands), .any(let operands): operands.contains(where: \.speaksOfDeleted)
        case .equal(let field, _), .different(let field, _), .contains(let field, _), .below(let field, _), .atLeast(let field, _),
            .isOneOf(let field, _), .isEmpty(let field), .isNotEmpty(let field): field == "deleted"
        }
    }

    /// Whether it holds of a customer with these texts; capital letters count as small ones.
    func holds(_ texts: (String) -> [String]) -> Bool {
        func any(_ field: String, _ test: (String) -> Bool) -> Bool { texts(field).contains { test($0.lowercased()) } }
        switch self {
        case .not(let operand): return !operand.holds(texts)
        case .all(let operands): return !operands.contains { !$0.holds(texts) }
        case .any(let operands): return operands.contains { $0.holds(texts) }
        case .equal(let field, let value): return any(field) { $0 == value.lowercased() }
        case .different(let field, let value): return !any(field) { $0 == value.lowercased() }
        case .contains(let field, let value): return any(field) { $0.contains(value.lowercased()) }
        case .below(let field, let value): return any(field) { $0 < value.lowercased() }
        case .atLeast(let field, let value): return any(field) { $0 >= value.lowercased() }
        case .isOneOf(let field, let values): return any(field) { values.map { $0.lowercased() }.contains($0) }
        case .isEmpty(let field): return texts(field).isEmpty
        case .isNotEmpty(let field): return !texts(field).isEmpty
        }
    }

    // MARK: At random

    private static let fields = ["name", "name", "title", "city", "stage", "address", "note", "tag", "tag", "phone"]

    /// - Parameter heard: a text that some customer has in a field, so that most questions find something.
    static func drawn(_ random: inout SplitMix64, depth: Int = 2, heard: (String, inout SplitMix64) -> String?) -> OracleQuery {
        if depth > 0, random.chance(55) {
            let count = 2 + random.below(2)
            switch random.below(5) {
            case 0: return .not(drawn(&random, depth: depth - 1, heard: heard))
            case 1, 2: return .any((0..<count).map { _ in drawn(&random, depth: depth - 1, heard: heard) })
            default: return .all((0..<count).map { _ in drawn(&random, depth: depth - 1, heard: heard) })
            }
        }
        switch random.below(20) {
        case 0: return .equal("deleted", random.pick(["true", "false"]))
        case 1, 2: return .equal("conflict", random.pick(["true", "false"]))
        case 3: return .equal("scope", random.pick(["/", "cn/east", "cn/east/a", "cn/west"]))
        case 4: return random.pick([.below("first_contact_date", "2026-02-10"), .atLeast("first_contact_date", "2026-02-10")])
        case 5: return .atLeast("last_contact_date", "2026-02-10")
        default: break
        }
        let field = random.pick(fields)
        func value(_ random: inout SplitMix64) -> String { heard(field, &random) ?? random.pick(["v1", "vip", "Wuhan", "lead", "+8613800138001"]) }
        switch random.below(8) {
        case 0: return .different(field, value(&random))
        case 1:
            let whole = value(&random)
            return .contains(field, String(whole.dropFirst(random.below(2)).prefix(2 + random.below(6))))
        case 2: return .isOneOf(field, [value(&random), value(&random)])
        case 3: return .isEmpty(field)
        case 4: return .isNotEmpty(field)
        default: return .equal(field, value(&random))
        }
    }

    /// What one customer says in two or three fields at once, which may stand in as many of its records; nil where it says nothing.
    static func drawnOfSeveralFields(_ random: inout SplitMix64, heard: (String, inout SplitMix64) -> String?) -> OracleQuery? {
        var conditions: [String: OracleQuery] = [:]
        for _ in 0..<2 + random.below(2) {
            let field = random.pick(fields)
            if let value = heard(field, &random) { conditions[field] = .equal(field, value) }
        }
        return conditions.isEmpty ? nil : .all(conditions.sorted { $0.key < $1.key }.map(\.value))
    }
}

extension OracleView {
    /// The texts that an expression reads of a customer: of its living records, or of all where none lives.
    func texts(_ name: String, of customer: Customer, among fields: FieldCatalogue) -> [String] {
        let records = customer.isDeleted ? customer.members : customer.lenders
        switch name {
        case "deleted": return [customer.isDeleted ? "true" : "false"]
        case "conflict": return [contests(of: customer).contains { !$0.hasSuffix("disagreement") } ? "true" : "false"]
        case "scope":
            let found = candidates(CellKey(field: FieldID.scope.rawValue), of: records).max(by: OracleView.precedes)
            return [found?.write.value.map(OracleText.text) ?? "/"]
        case "tag": return elements(.tags, of: records)
        default:
            guard let field = fields[name] else { return [] }
            if field.isSet { return elements(field.id, of: records) }
            return shown(field, of: records)?.write.value.map { [OracleText.text($0)] } ?? []
        }
    }

    /// The customers that satisfy a question.
    func answer(_ query: OracleQuery?, among fields: FieldCatalogue) -> Set<RowID> {
        Set(customers.filter { customer in
            if customer.isDeleted, query?.speaksOfDeleted != true { return false }
            if !customer.isDeleted, isVacant(customer), !customer.lives.contains(.conflict) { return false }
            return query?.holds { texts($0, of: customer, among: fields) } ?? true
        }.map(\.id))
    }
}
