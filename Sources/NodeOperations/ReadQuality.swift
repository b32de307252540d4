internal import Causality
internal import NodeEnvironment
internal import ProfileModel
public import ProfileStore
internal import RuleLanguage
internal import StandardForms

/// How good the customers' data are.
public struct Quality: Sendable {
    public let completeness: Completeness
    /// The share of what was given for a field that is a value of it: what the standard forms refused and what waits for review is not,
    /// and neither is a region or an industry that the tables do not know. Fields of which nothing was given are left out.
    public let validity: [(field: String, share: Double)]
    /// How long ago living records were last changed, in days: of a quarter of them at most, of half, of three quarters.
    public let ageQuartilesDays: [Double]
    /// Customers without an industry and without any way to reach them.
    public let quarantined: Int
    /// Values that wait for a person, by the code of the reason.
    public let waiting: [(reason: String, count: Int)]
    /// The latest days on which somebody asked, today's last.
    public let trend: [QualityDay]
    public let disagreements: Int
    public let duplicates: Duplicates

    /// What is known of records that are one customer.
    public struct Duplicates: Sendable {
        /// Records beside the first of each customer that links hold together.
        public let linkedRecords: Int
        /// Pairs that wait for a person.
        public let waitingPairs: Int
    }
}

extension Node {
    /// Reads how good the customers' data are, and notes today's figure for the trend.
    ///
    /// - Complexity: linear in the store.
    public func quality() throws -> Quality {
        let (completeness, quality) = try store.read { reader in
            let completeness = try reader.completeness()
            return (completeness, try Quality(completeness, reader))
        }
        let today = QualityDay(
            day: Timestamp.dateText(microseconds: environment.now().rawValue), records: completeness.records, count: completeness.overall)
        if try store.read({ try $0.qualityDays(limit: 1) }).last != today { try store.write { try $0.note(today) } }
        return Quality(quality, trend: try store.read { try $0.qualityDays() })
    }
}

extension Quality {
    fileprivate init(_ completeness: Completeness, _ reader: StoreReader) throws {
        self.completeness = completeness
        var doubted: [String: Int] = [:], reasons: [String: Int] = [:]
        for row in try reader.openReviewItems() {
            guard let item = try ReviewItem(row, reader) else { continue }
            reasons[item.reason, default: 0] += 1
            // What was refused stands in no field; what is only doubted does.
            if item.reason.hasPrefix("forms."), item.reason != "forms.industry-proposed" { doubted[item.field, default: 0] += 1 }
        }
        validity = try completeness.fields.compactMap { field in
            let refused = doubted[field.name] ?? 0, given = field.count.filled + refused
            guard given > 0, let description = FieldCatalogue.standard[field.name] else { return nil }
            return (field.name, Double(given - refused - (try Quality.unknown(description, reader))) / Double(given))
        }
        let now = reader.store.environment.now().rawValue, changes = try reader.lastChanges()
        ageQuartilesDays = changes.isEmpty ? [] : [3, 2, 1].map { quarter in
            Double(now - changes[min(changes.count - 1, changes.count * quarter / 4)]) / 86_400_000_000
        }
        let fields = QueryFields(try FieldInput(reader).catalogue)
        let inQuarantine = Expression.condition(Condition(.field(FieldName("quarantined")), .compare(.equal, Literal(text: "true"))))
        quarantined = try reader.find(CustomerQuery(inQuarantine.check(against: fields), fields), limit: 1, after: nil).total
        waiting = reasons.map { (reason: $0.key, count: $0.value) }.sorted { ($0.count, $1.reason) > ($1.count, $0.reason) }
        trend = []
        disagreements = try reader.counts().disagreements
        duplicates = Duplicates(linkedRecords: try reader.surplusRecordCount(), waitingPairs: try reader.openDuplicates().total)
    }

    fileprivate init(_ quality: Quality, trend: [QualityDay]) {
        completeness = quality.completeness
        validity = quality.validity
        ageQuartilesDays = quality.ageQuartilesDays
        quarantined = quality.quarantined
        waiting = quality.waiting
        disagreements = quality.disagreements
        duplicates = quality.duplicates
        self.trend = trend
    }

    /// How many records hold a text that no table knows.
    private static func unknown(_ field: Field, _ reader: StoreReader) throws -> Int {
        switch field.type {
        case .region: try reader.texts(of: field).filter { Region($0.text) == nil }.reduce(0) { $0 + $1.records }
        case .industry: try reader.texts(of: field).filter { Industry($0.text) == nil }.reduce(0) { $0 + $1.records }
        default: 0
        }
    }
}
