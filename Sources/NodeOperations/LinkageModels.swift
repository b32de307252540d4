internal import Causality
internal import Foundation
internal import ProfileModel
internal import ProfileStore
internal import RecordLinkage

/// A model of the linkage as a row holds it: one document for each kind of customers, the same row on every node.
///
/// Frequencies stand as base64: 8 bytes of a hash, and the upper half of a `Float`, for each value, little endian. So do the words of the
/// filter of shared boxes, of which there are 4,096 at most.
struct PublishedModel {
    /// How many values a row can list: 14 characters each, of 512 KiB.
    static let listedValuesMaximum = 30_000

    let model: LinkageModel
    /// How many of people's decisions had a part in it.
    let decisions: Int

    /// The model as others will read it: with the most common values only, and shares in the precision of a row.
    init(fitted model: LinkageModel, decisions: Int) {
        var model = model.listing(atMost: PublishedModel.listedValuesMaximum)
        for index in model.frequencies.indices {
            model.frequencies[index].shares = model.frequencies[index].shares.map { PublishedModel.share(PublishedModel.bits(of: $0)) }
        }
        self.model = model
        self.decisions = decisions
    }

    private struct Document: Codable {
        var version: Int
        var decisions: Int
        var model: LinkageModel
        var frequencies: [Frequencies]
        /// Nil in the forms before 3.
        var sharedBoxes: Data?
    }

    private struct Frequencies: Codable {
        var comparison: RecordLinkage.Comparison
        var agreement: Double
        var rare: Double
        var values: Data
        var shares: Data
    }

    private struct Version: Decodable { var version: Int }

    /// The text of the row's cell.
    var document: String {
        var plain = model
        plain.frequencies = []
        plain.sharedBoxes = nil
        let frequencies = model.frequencies.map { terms in
            Frequencies(
                comparison: terms.comparison, agreement: terms.agreement, rare: terms.rare,
                values: PublishedModel.bytes(terms.values),
                shares: Data(terms.shares.flatMap { share in
                    let bits = PublishedModel.bits(of: share)
                    return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                }))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            version: model.version, decisions: decisions, model: plain, frequencies: frequencies,
            sharedBoxes: model.sharedBoxes.map { PublishedModel.bytes($0.words) })
        guard let data = try? encoder.encode(document) else { preconditionFailure("a sound model can be written as JSON") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads the text of a row's cell.
    ///
    /// - Throws: `node.model-too-new`, `node.model-unreadable`.
    init(document: String, kind: RowKind) throws {
        let unreadable = NodeError("node.model-unreadable", ["kind": kind.name], retry: .afterSomeoneActs)
        let decoder = JSONDecoder(), data = Data(document.utf8)
        guard let version = try? decoder.decode(Version.self, from: data).version else { throw unreadable }
        if version > LinkageModel.currentVersion {
            throw NodeError(
                "node.model-too-new", ["kind": kind.name, "version": String(version), "known": String(LinkageModel.currentVersion)],
                retry: .afterSomeoneActs)
        }
        guard let read = try? decoder.decode(Document.self, from: data) else { throw unreadable }
        var model = read.model
        model.frequencies = try read.frequencies.map { terms in
            guard terms.values.count % 8 == 0, terms.shares.count * 4 == terms.values.count else { throw unreadable }
            let shares = Array(terms.shares)
            return TermFrequencies(
                comparison: terms.comparison, agreement: terms.agreement, rare: terms.rare,
                values: PublishedModel.words(terms.values),
                shares: stride(from: 0, to: shares.count, by: 2).map {
                    PublishedModel.share(UInt16(shares[$0]) | UInt16(shares[$0 + 1]) << 8)
                })
        }
        if let boxes = read.sharedBoxes {
            guard boxes.count % 8 == 0 else { throw unreadable }
            model.sharedBoxes = SharedBoxes(words: PublishedModel.words(boxes))
        }
        guard model.isSound, model.subject == (kind == .organization ? .organization : .person) else { throw unreadable }
        self.model = model
        decisions = read.decisions
    }

    private static func bytes(_ words: [UInt64]) -> Data {
        Data(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } })
    }

    private static func words(_ data: Data) -> [UInt64] {
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        }
    }

    private static func bits(of share: Float) -> UInt16 { UInt16(truncatingIfNeeded: share.bitPattern >> 16) }
    private static func share(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}

extension StoreReader {
    /// The id of the row that holds the linkage's model of a kind of customers.
    func linkageModelID(_ kind: RowKind) throws -> RowID { try naturalID("model", "linkage.\(kind.name)") }

    /// The published model; nil where there is none.
    ///
    /// - Throws: `node.model-too-new`, `node.model-unreadable`.
    func linkageModel(_ kind: RowKind) throws -> PublishedModel? {
        guard let row = try row(linkageModelID(kind), like: .model) else { return nil }
        let reading = CellReading(
            CellKey(field: FieldID.content.rawValue), of: [Member(record: row.id, state: row.state)], key: try node().key)
        return try reading.latest?.write.value.map { try PublishedModel(document: FieldValue.plainText(of: $0), kind: kind) }
    }
}

extension Edition {
    /// Publishes a model on the linker's word, which is silent where the same one is published.
    func publish(_ model: PublishedModel, of kind: RowKind) throws {
        let id = try writer.linkageModelID(kind)
        try open(id, kind: .model)
        try write(
            CellKey(field: FieldID.content.rawValue), FieldValue.json(model.document).bytes, in: id, source: StoreWriter.linkerName)
    }
}
