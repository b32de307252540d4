import Foundation

/// Bulk load and its disk, against plain tables in the same run.
struct BulkLoad {
    let laboratory: Laboratory
    let rows: Int
    let rounds: Int

    /// Measures, and leaves a node `origin` that holds the rows, with its index.
    func measure(into report: inout Report) throws {
        var plain: [Double] = []
        var plainFull: [Double] = []
        var bare: [Double] = []
        var whole: [Double] = []
        var plainBytes = 0
        var bareBytes = 0
        var wholeBytes = 0
        var peaks: [Double] = []
        for _ in 0..<rounds {
            laboratory.remove("plain.sqlite", "bare", "origin")
            plain.append(try plainLoad("NORMAL"))
            plainBytes = laboratory.bytes(laboratory.path("plain.sqlite"))
            laboratory.remove("plain.sqlite")
            plainFull.append(try plainLoad("FULL"))
            bare.append(try load("bare", extra: ["--no-index"]).cpuSeconds)
            bareBytes = try laboratory.storeBytes("bare")
            let cost = try load("origin", extra: [])
            whole.append(cost.cpuSeconds)
            peaks.append(Double(cost.peakBytes) / 1e6)
            wholeBytes = try laboratory.storeBytes("origin")
        }
        let base = Runs(plain).median
        report.add(Figure("plain tables, CPU", Runs(plain), "s", anchor: "0.58–0.92"))
        report.add(Figure("plain tables, synchronous=FULL, CPU", Runs(plainFull), "s"))
        report.add(Figure("plain tables, store", Double(plainBytes) / 1e6, "MB", anchor: "39.0"))
        report.add(Figure("import without index, CPU", Runs(bare), "s", anchor: "prototype in C 0.74–0.89, sqlite-sync 10.6, cr-sqlite 20"))
        report.add(Figure("import without index / plain, CPU", Runs(bare.map { $0 / base }), "x", goal: 2, anchor: "sqlite-sync 15, cr-sqlite 30"))
        report.add(Figure("store without index / plain", Double(bareBytes) / Double(plainBytes), "x", goal: 1.3, anchor: "prototype 0.67, cr-sqlite 3.2, sqlite-sync 3.9"))
        report.add(Figure("search index / plain, CPU", Runs(zip(whole, bare).map { ($0 - $1) / base }), "x", goal: 2))
        report.add(Figure("whole store / plain", Double(wholeBytes) / Double(plainBytes), "x", goal: 2.5))
        report.add(Figure("import, peak memory", Runs(peaks), "MB", anchor: "plain 51, cr-sqlite 162, sqlite-sync 264"))
    }

    private func plainLoad(_ synchronous: String) throws -> Double {
        let arguments = ["plain", laboratory.path("customers.csv"), laboratory.path("plain.sqlite"), synchronous]
        return try ChildProcess(
            CommandLine.arguments[0], arguments, environment: [:], outputPath: laboratory.path("output-plain")
        ).wait().cpuSeconds
    }

    private func load(_ node: String, extra: [String]) throws -> ChildProcess.Cost {
        try laboratory.run(node, ["init", "--name", node])
        return try laboratory.run(node, ["import", laboratory.path("customers.csv"), "--source", "bench", "--kind", "person"] + extra)
    }
}
