internal import Causality
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// What rules compare a customer with: all organizations by name, the usual numbers of its kind, and what was asked of it before.
struct CustomerSurroundings {
    /// Open questions that cleaning asked, by the record they are about.
    private(set) var questions: [RowID: [(id: RowID, reason: Implausibility.Reason)]] = [:]
    /// Industries by the names of organizations; nil where several of one name differ.
    private var industries: [String: String?] = [:]
    private var spreads: [Segment: RobustSpread] = [:]

    /// Customers whose numbers are compared with one another.
    private struct Segment: Hashable {
        let kind: RowKind
        /// The section of GB/T 4754; nil where no industry of it is known.
        let section: Character?
        let field: String
        let currency: String
    }

    private static let numbers = ["income", "employees", "revenue", "registered_capital", "total_spent", "order_count", "credit_limit", "height", "children"]

    init(_ reader: StoreReader, rules: Set<CleanRule>, isCancelled: () -> Bool) throws {
        for row in try reader.openReviewItems() {
            let document = try row.document(reader)
            guard let record = (document["customer"] as? String).flatMap({ UniqueID($0) }),
                let reason = (document["reason"] as? String).flatMap(Implausibility.Reason.init) else { continue }
            questions[record, default: []].append((row.id, reason))
        }
        guard rules.contains(.outliers) || rules.contains(.fill(.employer)) else { return }
        var values: [Segment: [Double]] = [:], last: RowID?, isAtEnd = false
        let catalogue = reader.store.environment.knownFields
        let fields = (CustomerSurroundings.numbers + ["industry", "name"]).compactMap { catalogue[$0] }
        while !isAtEnd {
            if isCancelled() { throw NodeError("node.cancelled") }
            let page = try reader.customers(after: last, limit: 5_000)
            for profile in page.profiles {
                var registers: [String: String] = [:]
                for field in fields { registers[field.name] = profile.value(field)?.plainText }
                let known = KnownValues(kind: profile.kind, registers: registers, today: "")
                if rules.contains(.outliers) {
                    for (segment, number, _) in CustomerSurroundings.numbers(of: known) { values[segment, default: []].append(number) }
                }
                if profile.kind == .organization, let name = known["name"], let industry = known["industry"] { note(industry, of: name) }
            }
            last = page.next
            isAtEnd = page.next == nil
        }
        spreads = values.compactMapValues { RobustSpread($0) }
    }

    private mutating func note(_ industry: String, of name: String) {
        let key = CustomerSurroundings.folded(name)
        if let known = industries[key], known != industry { industries[key] = .some(nil) } else { industries[key] = .some(industry) }
    }

    private static func folded(_ name: String) -> String {
        String(name.lowercased().filter { !$0.isWhitespace }.map { $0 == "（" ? "(" : $0 == "）" ? ")" : $0 })
    }

    /// The industry of the organizations with this name, where they have one in common.
    func industry(ofOrganization name: String) -> String? { industries[CustomerSurroundings.folded(name)] ?? nil }

    /// The numbers of a customer that lie far from those of its segment.
    func outliers(of known: KnownValues) -> [Implausibility] {
        CustomerSurroundings.numbers(of: known).compactMap { segment, number, text in
            guard let spread = spreads[segment], spread.isOutlier(number) else { return nil }
            return Implausibility(field: segment.field, raw: text, reason: .outlier)
        }
    }

    /// Logarithms of the numbers, for they are skewed.
    private static func numbers(of known: KnownValues) -> [(segment: Segment, number: Double, text: String)] {
        let section = known["industry"].flatMap { Industry($0) }?.code.first
        return numbers.compactMap { field in
            guard let text = known[field] else { return nil }
            let parts = text.split(separator: " ")
            guard let number = parts.first.flatMap({ Double($0) }), number >= 0, number.isFinite else { return nil }
            let segment = Segment(kind: known.kind, section: section, field: field, currency: parts.count == 2 ? String(parts[1]) : "")
            return (segment, log10(number + 1), text)
        }
    }
}
