import Foundation

/// Writes of single customers, durable one by one, and the definition of a field.
struct SingleWrites {
    let laboratory: Laboratory
    /// The program that writes in one process, and plain tables beside it.
    let storeBench: String
    let count = 2_000

    func measure(into report: inout Report) throws {
        let cost = try ChildProcess(
            storeBench, [laboratory.folder, String(count)], environment: ["HOME": laboratory.folder, "PATH": "/usr/bin:/bin"],
            outputPath: laboratory.path("output-durable")
        ).wait()
        guard let seconds = try JSONSerialization.jsonObject(with: cost.output) as? [String: Double] else {
            throw BenchmarkError("the durable writes printed no document")
        }
        for (what, name) in [("additions", "Add"), ("edits", "Edit")] {
            guard let plain = seconds["plain\(name)"], let limn = seconds["limn\(name)"] else { throw BenchmarkError("no \(what)") }
            // A goal is a limit from above: 60% of the writes a second are 1.67 times the time a write.
            report.add(Figure("durable \(what), time of each / plain", limn / plain, "x", goal: 1 / 0.6))
        }
    }

    /// A field more on a node that holds all rows: no row is written anew.
    func measureField(into report: inout Report) throws {
        let milliseconds = try (0..<5).map { number in
            try laboratory.run("origin", ["fields", "add", "bench_field_\(number)", "--type", "text"]).wallSeconds * 1000
        }
        report.add(Figure("a field added, with start-up", Runs(milliseconds), "ms", goal: 50))
    }
}
