import Causality
import Foundation
import Testing

/// Histories of the reference model, replayed: every replica must read what the model reads.
struct VectorTests {
    @Test func histories() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/histories.jsonl")
        #expect(try replay(file) == 30)
    }

    @Test(.enabled("LIMN_DATASETS names no folder with the model's histories beside it: its 300 histories are skipped") { datasets != nil })
    func manyHistories() throws {
        #expect(try replay(#require(VectorTests.datasets)) > 0)
    }

    private static var datasets: URL? {
        guard let folder = ProcessInfo.processInfo.environment["LIMN_DATASETS"] else { return nil }
        let file = URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent("model/histories.jsonl")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    private func replay(_ file: URL) throws -> Int {
        let vectors = try Vector.all(in: file)
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
