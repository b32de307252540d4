import Causality
import ProfileModel
import Testing
import WireFormat

@testable import Replication

/// JSON messages that would take far more memory than they have bytes.
@Suite struct MessageTests {
    private let party = Party(
        deployment: testDeployment, node: RowID(high: 9, low: 1), name: "laptop", life: Origin(rawValue: 1), to: Origin(rawValue: 2))

    @Test(arguments: ["0", "\"\"", "[]", "{}"]) func manySmallValuesAreRefused(value: String) throws {
        let text = "{\"party\":[" + Array(repeating: value, count: 100_000).joined(separator: ",") + "]}"
        #expect(throws: SyncError.garbage("FetchRequest")) { try MessageCoder.message(FetchRequest.self, from: Array(text.utf8)) }
    }

    @Test func asManyRowsAsCanBeMissingAreNot() throws {
        let rows = (0..<6_144 as Range<UInt64>).map { RowReference(RowID(high: $0 << 40, low: 0), byteCount: 3) }
        let request = FetchRequest(party: party, rows: rows)
        #expect(try MessageCoder.message(FetchRequest.self, from: MessageCoder.bytes(request)) == request)
    }

    @Test func signsInTextsAreNoValues() throws {
        let refusal = Refusal(code: "sync.garbage", parameters: ["part": String(repeating: "\\\",:[{", count: 20_000)])
        #expect(try MessageCoder.message(Refusal.self, from: MessageCoder.bytes(refusal)) == refusal)
    }
}
