import Foundation
import Testing

@testable import RecordLinkage

/// The fast distances against their definitions.
@Suite("Distances")
struct DistanceTests {
    static func distance(_ a: String, _ b: String, limit: Int = 100) -> Int {
        Array(a.utf16).withUnsafeBufferPointer { a in Array(b.utf16).withUnsafeBufferPointer { b in editDistance(a, b, limit: limit) } }
    }

    /// Optimal string alignment by its recurrence.
    static func slowDistance(_ a: [UInt16], _ b: [UInt16]) -> Int {
        var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for row in 0...a.count {
            for column in 0...b.count {
                if row == 0 || column == 0 {
                    table[row][column] = row + column
                    continue
                }
                let change = table[row - 1][column - 1] + (a[row - 1] == b[column - 1] ? 0 : 1)
                var best = min(change, table[row - 1][column] + 1, table[row][column - 1] + 1)
                if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] { best = min(best, table[row - 2][column - 2] + 1) }
                table[row][column] = best
            }
        }
        return table[a.count][b.count]
    }

    @Test func editDistanceIsThatOfItsRecurrence() {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        var state = seed
        func below(_ limit: UInt64) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Int(StableHash.mix(state) % limit)
        }
        for _ in 0..<2_000 {
            let a = (0..<below(14)).map { _ in UInt16(97 + below(4)) }, b = (0..<below(14)).map { _ in UInt16(97 + below(4)) }
            let fast = a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in editDistance(a, b, limit: 3) } }
            #expect(fast == min(4, Self.slowDistance(a, b)), "LIMN_SEED=\(seed): \(a) \(b)")
        }
    }

    @Test func knownDistances() {
        #expect(Self.distance("kitten", "sitting") == 3)
        #expect(Self.distance("smtih", "smith") == 1)
        #expect(Self.distance("", "abc") == 3)
        #expect(Self.distance("abcdef", "ghijkl", limit: 2) == 3)
    }

    @Test(arguments: [("martha", "marhta", 0.9611), ("dixon", "dicksonx", 0.8133), ("dwayne", "duane", 0.84), ("abc", "xyz", 0.0), ("", "", 1.0)])
    func jaroWinklerOfPublishedPairs(_ a: String, _ b: String, similarity: Double) {
        let found = Array(a.utf16).withUnsafeBufferPointer { a in Array(b.utf16).withUnsafeBufferPointer { b in jaroWinkler(a, b) } }
        #expect(abs(found - similarity) < 0.001)
    }

    @Test func foldingLeavesOutWhatIsWrittenDifferently() {
        func fold(_ text: String) -> String { String(decoding: FoldedText.units(of: text), as: UTF16.self) }
        #expect(fold("Ｏ’Brien－Łukasz ß Žižka") == "obrienlukaszsszizka")
        #expect(fold("张 · 伟　") == "张伟")
    }
}
