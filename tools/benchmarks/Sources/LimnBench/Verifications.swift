import Foundation

/// Finding and repairing ten rows that two nodes hold differently.
struct Verifications {
    let laboratory: Laboratory
    let rows: Int
    /// A node that holds the same as `origin`, which is served.
    let copy: String

    func measure(into report: inout Report) throws {
        let equal = try verify([], expecting: 0)
        report.add(Figure("verify of equal stores, round trips", equal["roundTrips"] ?? -1, "", goal: 1))
        report.add(Figure("verify of equal stores, bytes", equal["bytes"] ?? -1, "B"))
        for (node, side) in [("origin", "here"), (copy, "there")] {
            let lines = (0..<5).map { "\(StandardRows.externalID(($0 * rows / 5 + (side == "here" ? 3 : 7)) % rows)),Moved \(side) \($0)" }
            try Data((["external_id,city"] + lines).joined(separator: "\r\n").utf8).write(to: URL(fileURLWithPath: laboratory.path("moved.csv")))
            try laboratory.run(node, ["edit", "--from", laboratory.path("moved.csv"), "--source", "bench"])
        }
        var milliseconds: [Double] = []
        var found: [String: Double] = [:]
        for _ in 0..<5 {
            found = try verify([], expecting: 1)
            milliseconds.append(found["milliseconds"] ?? -1)
        }
        report.add(Figure("verify, rows that differ", found["differences"] ?? -1, ""))
        report.add(Figure("verify, rows missed of 10", 10 - (found["differences"] ?? 0), "", goal: 0))
        report.add(Figure("verify, round trips", found["roundTrips"] ?? -1, "", goal: 3))
        report.add(Figure("verify, bytes", (found["bytes"] ?? -1) / 1e3, "KB", goal: 25))
        report.add(Figure("verify, time", Runs(milliseconds), "ms", goal: 50))
        let repaired = try verify(["--repair"], expecting: 1)
        report.add(Figure("verify --repair, bytes", (repaired["bytes"] ?? -1) / 1e3, "KB"))
        _ = try verify([], expecting: 0)
    }

    private func verify(_ options: [String], expecting code: Int32) throws -> [String: Double] {
        let cost = try laboratory.run(copy, ["verify", "origin", "--json"] + options, expecting: [code])
        return try Laboratory.data(of: cost).compactMapValues { ($0 as? NSNumber)?.doubleValue }
    }
}
