import Causality
import MergeVectors
import Testing

/// Histories of the reference model, replayed: every replica must read what the model reads.
struct VectorTests {
    @Test func histories() throws {
        #expect(try replay(Vector.bundled()) == 30)
    }

    @Test(.enabled("LIMN_DATASETS names no folder with the model's histories beside it: its 300 histories are skipped") { Vector.manyFile != nil })
    func manyHistories() throws {
        #expect(try replay(Vector.all(in: #require(Vector.manyFile))) > 0)
    }

    private func replay(_ vectors: [Vector]) throws -> Int {
        for (line, vector) in vectors.enumerated() {
            do {
                try vector.check(vector.replay { CausalReplica(origin: Origin(rawValue: UInt64($0 + 1))) })
            } catch {
                throw Disagreement("line \(line + 1): \(error)")
            }
        }
        return vectors.count
    }
}
