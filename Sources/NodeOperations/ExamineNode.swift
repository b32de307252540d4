internal import Causality
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// One thing that `doctor` looked at.
public struct Finding: Sendable {
    /// A stable name such as `store.integrity`; the catalogue has texts for it.
    public let name: String
    public let isFine: Bool
    public let parameters: [String: String]

    public init(_ name: String, isFine: Bool, _ parameters: [String: String] = [:]) {
        self.name = name
        self.isFine = isFine
        self.parameters = parameters
    }
}

extension Node {
    /// Looks at the store, the machine and the peers for what would hurt.
    ///
    /// - Complexity: linear in the store.
    public func examine() throws -> [Finding] {
        let now = environment.now()
        try? finishErasures()
        var findings = try store.read { reader -> [Finding] in
            let unindexed = try reader.unindexedCount(through: .max)
            let problems = try reader.integrityProblems()
            let lives = try reader.lives()
            let peers = try reader.peers()
            let silent = peers.filter { now.rawValue - ($0.neighbour?.lastSync?.rawValue ?? $0.addedAt.rawValue) > 7 * 86_400_000_000 }
            return [
                Finding("doctor.integrity", isFine: problems.isEmpty, ["problem": problems.first ?? ""]),
                Finding("doctor.sums", isFine: try reader.sumsHold()),
                Finding("doctor.search", isFine: unindexed < 100_000, ["rows": String(unindexed)]),
                Finding("doctor.erasures", isFine: try !reader.hasUnclearedErasures(), ["count": String(try reader.unclearedErasures().count)]),
                Finding("doctor.lives", isFine: true, ["count": String(lives.count), "machine": lives.last?.machine ?? "", "path": lives.last?.path ?? ""]),
                Finding("doctor.copies", isFine: !lives.suffix(1).contains { $0.isOfCopy }, [
                    "time": lives.last.map { Timestamp.text(microseconds: $0.began.rawValue) } ?? "", "machine": lives.last?.machine ?? "",
                ]),
                Finding("doctor.peers", isFine: silent.isEmpty, ["count": String(peers.count), "silent": silent.map(\.name).joined(separator: ", ")]),
            ]
        }
        findings.append(Finding("doctor.clock", isFine: now.rawValue > 1_735_689_600_000_000, ["time": Timestamp.text(microseconds: now.rawValue)]))
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: store.home)[.systemFreeSize] as? Int64) ?? nil
        findings.append(Finding("doctor.disk", isFine: (free ?? .max) > 200 << 20, ["megabytes": free.map { String($0 >> 20) } ?? "–"]))
        let permissions = (try? FileManager.default.attributesOfItem(atPath: store.path)[.posixPermissions] as? Int) ?? 0o600
        findings.append(Finding("doctor.permissions", isFine: permissions & 0o077 == 0, ["mode": String(permissions, radix: 8)]))
        return findings
    }
}
