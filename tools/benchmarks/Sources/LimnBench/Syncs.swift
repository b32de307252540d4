import Foundation

/// Syncs over loopback: into an empty node, of concurrent edits, of nothing.
struct Syncs {
    let laboratory: Laboratory
    let rows: Int
    let rounds: Int

    /// The node of the last cold start. Each round has one of its own: a name belongs to one node for ever.
    private var copy: String { "copy\(rounds)" }

    /// What a sync says of one direction.
    private struct Traffic {
        let bytes: Int
        let rows: Int
    }

    private struct Session {
        let pulled: Traffic
        let pushed: Traffic
        let roundTrips: Int
        let cost: ChildProcess.Cost
    }

    private func sync(_ node: String) throws -> Session {
        let cost = try laboratory.run(node, ["sync", "--json"])
        guard let peer = (try Laboratory.data(of: cost)["peers"] as? [[String: Any]])?.first, peer["state"] as? String == "ok" else {
            throw BenchmarkError("a sync failed: \(String(decoding: cost.output, as: UTF8.self))")
        }
        func traffic(_ key: String) -> Traffic {
            let side = peer[key] as? [String: Any]
            return Traffic(bytes: side?["bytes"] as? Int ?? -1, rows: side?["rows"] as? Int ?? -1)
        }
        return Session(pulled: traffic("pulled"), pushed: traffic("pushed"), roundTrips: peer["roundTrips"] as? Int ?? -1, cost: cost)
    }

    /// Measures with the node `origin`, which holds the rows.
    func measure(into report: inout Report) throws {
        let server = try laboratory.serve("origin")
        do {
            try measureColdStart(at: server.url, into: &report)
            try measureEdits(into: &report)
            let idle = try sync(copy)
            report.add(Figure("nothing to do, round trips", Double(idle.roundTrips), "", goal: 1))
            report.add(Figure("nothing to do, bytes", Double(idle.pulled.bytes + idle.pushed.bytes), "B", goal: 1_023))
            try Verifications(laboratory: laboratory, rows: rows, copy: copy).measure(into: &report)
        } catch {
            server.process.stop()
            throw error
        }
        server.process.stop()
        report.add(Figure("serve, peak memory", Double(try server.process.wait().peakBytes) / 1e6, "MB"))
    }

    private func measureColdStart(at url: String, into report: inout Report) throws {
        var seconds: [Double] = []
        var cpu: [Double] = []
        var peaks: [Double] = []
        var bytes = 0
        for round in 1...rounds {
            laboratory.remove("copy\(round - 1)")
            try laboratory.join("copy\(round)", to: "origin", at: url)
            let session = try sync("copy\(round)")
            seconds.append(session.cost.wallSeconds)
            cpu.append(session.cost.cpuSeconds)
            peaks.append(Double(session.cost.peakBytes) / 1e6)
            bytes = session.pulled.bytes
        }
        try requireEqualDigests()
        report.add(Figure("cold sync", Runs(seconds), "s", goal: Double(rows) / 25_000, anchor: "prototype 1.0–1.6, Loro 2.7, sqlite-sync 20, cr-sqlite 30"))
        report.add(Figure("cold sync, CPU of the caller", Runs(cpu), "s"))
        report.add(Figure("cold sync, bytes", Double(bytes) / 1e6, "MB", goal: 5.0 * Double(rows) / 100_000, anchor: "prototype 4.56, zstd of the rows 6.6, cr-sqlite gzip 13.1"))
        report.add(Figure("cold sync, peak memory of the caller", Runs(peaks), "MB", anchor: "Automerge 913, Loro 1,242"))
    }

    /// A thousand customers get another address on each side; every one is then a conflict that holds both.
    private func measureEdits(into report: inout Report) throws {
        for (node, side) in [("origin", "Here"), (copy, "There")] {
            let file = laboratory.path("corrections-\(node).csv")
            try StandardRows.writeCorrections(of: rows, side: side, to: file)
            let edited = try laboratory.data(node, ["edit", "--from", file, "--source", "bench"])
            guard edited["changed"] as? Int == min(1_000, rows) else { throw BenchmarkError("edit --from changed \(edited["changed"] ?? "nothing")") }
        }
        let session = try sync(copy)
        report.add(Figure("1,000 + 1,000 edits, both ways with start-up", session.cost.wallSeconds * 1000, "ms", goal: 100))
        let anchor = "prototype 12.8, Loro gzip 10.7, cr-sqlite gzip 33, sqlite-sync 51"
        report.add(Figure("1,000 + 1,000 edits, pulled", Double(session.pulled.bytes) / 1e3, "KB", goal: 15, anchor: anchor))
        report.add(Figure("1,000 + 1,000 edits, pushed", Double(session.pushed.bytes) / 1e3, "KB", goal: 15, anchor: anchor))
        for (node, role) in [("origin", "server"), (copy, "caller")] {
            let conflicts = try laboratory.data(node, ["conflicts"])["conflicts"] as? [[String: Any]] ?? []
            let whole = conflicts.filter { conflict in
                let values = (conflict["candidates"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? String }
                return values.contains { $0.hasPrefix("Corrected Here") } && values.contains { $0.hasPrefix("Corrected There") }
            }
            let lost = Double(min(1_000, rows) - whole.count)
            report.add(Figure("edits lost, of 1,000 conflicts at the \(role)", lost, "", goal: 0, anchor: "cr-sqlite and sqlite-sync 1,000"))
        }
        try requireEqualDigests()
    }

    private func requireEqualDigests() throws {
        let digests = try ["origin", copy].map { try laboratory.data($0, ["status"])["digest"] as? String ?? "" }
        guard digests[0] == digests[1], !digests[0].isEmpty else { throw BenchmarkError("the nodes differ after a sync") }
    }
}
