internal import ProfileModel

/// What people of a province can spend, measured by the country's average.
///
/// It tells of a region and not of a person: whoever is known to earn something else is not judged by it.
public enum PurchasingPower: String, CaseIterable, Sendable {
    /// Below four fifths of the country's average.
    case low
    case medium
    /// From 1.1 times the average.
    case high
    /// From 1.5 times the average.
    case veryHigh = "very-high"

    /// That of the province in which a region lies, by `schema/incomes.tsv`; nil where the table has none.
    public init?(of region: Region) {
        let incomes = IncomeTable.shared
        guard let income = incomes.provinces[String(region.code.prefix(2))] else { return nil }
        switch Double(income) / Double(incomes.country) {
        case ..<0.8: self = .low
        case ..<1.1: self = .medium
        case ..<1.5: self = .high
        default: self = .veryHigh
        }
    }
}

/// Disposable income per head in yuan.
private struct IncomeTable: Sendable {
    private(set) var country = 0
    /// By the first two digits of a province's code.
    private(set) var provinces: [String: Int] = [:]

    static let shared = IncomeTable()

    private init() {
        TableLines.forEach(in: "incomes.tsv") { fields in
            guard let income = Int(fields[1]) else { preconditionFailure("schema/incomes.tsv: \(fields[0])") }
            if fields[0] == "000000" { country = income } else { provinces[String(fields[0].prefix(2))] = income }
        }
        precondition(country > 0, "schema/incomes.tsv has the country's average")
    }
}
