public import Causality
internal import Foundation
internal import ProfileModel

/// In which order sources are believed where a field's policy is `source-order`: people first, then the sources named, then
/// all others.
public struct SourceOrder: Sendable, Equatable {
    /// The sources, the most trusted first.
    public let sources: [String]
    private let ranks: [[UInt8]: Int]

    public init(_ sources: [String]) {
        self.sources = sources
        ranks = Dictionary(sources.enumerated().map { (Array($1.utf8), sources.count - $0) }, uniquingKeysWith: max)
    }

    /// No source before another.
    public static let none = SourceOrder([])

    /// Greater for whoever goes before; nil stands for a person.
    func rank(of source: String?) -> Int {
        guard let source else { return .max }
        return ranks.isEmpty ? 0 : ranks[Array(source.utf8)] ?? 0
    }

    /// The text of the row's cell.
    public var document: String {
        let data = try? JSONSerialization.data(withJSONObject: ["sources": sources], options: [.withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    init?(document: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any],
            let sources = object["sources"] as? [String] else { return nil }
        self.init(sources)
    }
}

extension StoreReader {
    /// The id of the row that holds the order: one in the deployment.
    public func sourceOrderID() throws -> RowID { try naturalID("definition", "source-order") }

    /// Reads the order that people gave.
    func readSourceOrder() throws -> SourceOrder {
        guard let row = try row(sourceOrderID()) else { return .none }
        let reading = CellReading(CellKey(field: FieldID.content.rawValue), of: [Member(record: row.id, state: row.state)], key: try node().key)
        return reading.latest?.write.value.flatMap { SourceOrder(document: FieldValue.plainText(of: $0)) } ?? .none
    }
}
