import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Histories of the reference model, replayed through whole stores: every one must read what the model reads.
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
            let folder = try TestFolder()
            do {
                let nodes = try vector.replay { try StoreReplica($0, in: folder) }
                try vector.check(nodes)
                for replica in nodes { try StoreLaws.check(replica.node) }
                guard Set(try nodes.map { try $0.node.status().counts.digest }).count == 1 else { throw Disagreement("digests differ") }
            } catch {
                throw Disagreement("line \(line + 1): \(error)")
            }
        }
        return vectors.count
    }
}
