import Foundation

/// What people wait for at the keyboard.
struct Queries {
    let laboratory: Laboratory
    let repeats = 15

    func measureStart(into report: inout Report) throws {
        report.add(Figure("limn --version", try milliseconds("none", ["--version"]), "ms", goal: 30))
    }

    /// Finds a customer on the node `origin`, which holds this many.
    func measureFind(among rows: Int, into report: inout Report) throws {
        let goal: Double? = rows >= 1_000_000 ? 50 : nil
        let phone = StandardRows.phone(rows / 2)
        for (what, text) in [("phone", phone), ("name", StandardRows.name(rows / 2))] {
            guard let found = try laboratory.data("origin", ["find", text])["total"] as? Int, found > 0 else {
                throw BenchmarkError("find \(text) found nobody")
            }
            report.add(Figure("find by \(what) among \(rows)", try milliseconds("origin", ["find", text, "--json"]), "ms", goal: goal))
        }
    }

    private func milliseconds(_ node: String, _ arguments: [String]) throws -> Runs {
        Runs(try (0..<repeats).map { _ in try laboratory.run(node, arguments).wallSeconds * 1000 })
    }
}
