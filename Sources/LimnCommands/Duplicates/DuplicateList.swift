internal import Causality
internal import Messages
internal import NodeOperations

/// The pairs that wait for a person, as lists show them.
struct DuplicateList: Sendable {
    private let pairs: [DuplicatePair]
    private let total: Int
    private let names: [RowID: String]

    /// - Parameter records: only pairs of these with others; nil for all.
    init(_ node: Node, of records: [RowID]? = nil, limit: Int?, namesShown: Bool) throws {
        let page = try node.duplicates(of: records, limit: limit)
        (pairs, total) = (page.pairs, page.total)
        names = namesShown ? try node.customerNames(pairs.flatMap { [$0.a, $0.b] }) : [:]
    }

    var isEmpty: Bool { total == 0 }

    /// What scripts read.
    var members: [JSONValue.Member] { [.init("total", JSONValue(total)), .init("pairs", .array(pairs.map(\.data)))] }

    /// What to do next.
    var talk: String { Catalogue.text(isEmpty ? "say.duplicates-none" : "say.duplicates-next") }

    func show(on page: inout TextPage) {
        if pairs.isEmpty { return }
        var table = TextTable([
            .init(Catalogue.text("label.key"), shrinks: false), .init(Catalogue.text("label.probability"), .right, shrinks: false),
            .init(Catalogue.text("label.first-customer")), .init(Catalogue.text("label.second-customer")), .init(Catalogue.text("label.because")),
        ])
        for pair in pairs {
            table.add([
                pair.key, pair.evidence.percent, names[pair.a] ?? pair.a.ending, names[pair.b] ?? pair.b.ending, pair.evidence.because,
            ])
        }
        page.table(table)
    }
}

extension DuplicatePair {
    var data: JSONValue {
        [
            "key": .string(key), "a": JSONValue(id: a), "b": JSONValue(id: b), "probability": .double(evidence.probability),
            "because": .string(evidence.because), "obstacle": JSONValue(evidence.obstacle),
        ]
    }

    /// The pair with its weights.
    var wholeData: JSONValue {
        [
            "key": .string(key), "a": JSONValue(id: a), "b": JSONValue(id: b), "linked": .bool(isLinked),
            "probability": .double(evidence.probability), "because": .string(evidence.because), "obstacle": JSONValue(evidence.obstacle),
            "prior": .double(evidence.prior), "related": .double(evidence.related), "total": .double(evidence.total),
            "weights": .array(evidence.bars.map {
                [
                    "comparison": .string($0.comparison), "level": .string($0.level), "reason": .string($0.reason), "bits": .double($0.bits),
                    "frequency": .double($0.frequency),
                ]
            }),
        ]
    }
}

extension LinkEvidence {
    /// A weaker comparison than this, in bits, is no reason.
    private static let reasonMinimumBits = 0.5

    /// The reasons in words, the strongest first, and then what keeps the two from being linked.
    var because: String {
        let telling = bars.filter { abs($0.weight) >= LinkEvidence.reasonMinimumBits }
            .enumerated().sorted { (-abs($0.element.weight), $0.offset) < (-abs($1.element.weight), $1.offset) }
        return ShownText.list(telling.map(\.element.reason) + (obstacle.map { [LinkEvidence.text("obstacle", $0)] } ?? []))
    }

    /// The probability in hundredths, with one digit behind the point; never rounded up to certainty.
    var percent: String {
        let tenths = Int((probability * 1000).rounded(.down))
        return "\(tenths / 10).\(tenths % 10)%"
    }

    /// A reason in words; its name where a later version gave it.
    fileprivate static func text(_ comparison: String, _ level: String) -> String {
        let code = "because.by.\(comparison).\(level)"
        return Catalogue.embedded.block(code) == nil ? "\(comparison): \(level)" : Catalogue.text(code)
    }
}

extension LinkEvidence.Bar {
    /// What the comparison brings in all, in bits.
    var weight: Double { bits + frequency }
    var reason: String { LinkEvidence.text(comparison, level) }
}
