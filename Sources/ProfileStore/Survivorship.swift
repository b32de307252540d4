public import Causality
public import ProfileModel
internal import RuleLanguage

extension CellReading {
    /// The candidate shown by a field's policy, ties going to the latest; one strict total order on every replica.
    ///
    /// Amounts in different currencies fall back to `latest`.
    public func shown(by policy: SurvivorshipPolicy, order: SourceOrder) -> Candidate? {
        if candidates.count < 2 { return candidates.first }
        switch policy {
        case .latest:
            return latest
        case .sourceOrder:
            return shown { order.rank(of: $0.write.header.source) < order.rank(of: $1.write.header.source) }
        case .longest:
            return shown { CellReading.length($0) < CellReading.length($1) }
        case .highest, .lowest:
            let magnitudes = candidates.map { Magnitude($0.write.value) }
            guard Set(magnitudes.map(\.unit)).count == 1 else { return latest }
            return shown { a, b in
                let (x, y) = (Magnitude(a.write.value), Magnitude(b.write.value))
                return policy == .highest ? x < y : y < x
            }
        }
    }

    private static func length(_ candidate: Candidate) -> Int {
        candidate.write.value.map { FieldValue.plainText(of: $0).unicodeScalars.count } ?? -1
    }
}

/// The size of a value among values of its kind: exact for decimals of any length.
struct Magnitude: Comparable {
    /// The type and, of an amount, the currency: what must agree for a comparison to mean something.
    let unit: String
    private let number: String?
    private let bytes: [UInt8]

    init(_ value: [UInt8]?) {
        bytes = value ?? []
        switch value.flatMap(FieldValue.init(bytes:)) {
        case .integer(let number): (unit, self.number) = ("number", String(number))
        case .decimal(let text): (unit, number) = ("number", text)
        case .money(let amount, let currency): (unit, number) = (currency, amount)
        case let other: (unit, number) = (other.map { "\($0.tag)" } ?? "", nil)
        }
    }

    static func == (a: Magnitude, b: Magnitude) -> Bool { !(a < b) && !(b < a) }

    static func < (a: Magnitude, b: Magnitude) -> Bool {
        if let x = a.number, let y = b.number { return DecimalText.isLess(x, y) }
        return a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}
