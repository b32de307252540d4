import Foundation

/// How long a change takes to the other node where `sync --watch` runs.
struct Live {
    let laboratory: Laboratory
    private static let changes = 21

    /// Measures between two small nodes of their own.
    func measure(into report: inout Report) throws {
        let names = ("live-hub", "live-laptop")
        try laboratory.run(names.0, ["init", "--name", names.0])
        let added = try laboratory.data(names.0, ["add", "person", "name=Live", "city=Berlin"])
        guard let id = added["id"] as? String else { throw BenchmarkError("add printed no id") }
        let server = try laboratory.serve(names.0)
        try laboratory.join(names.1, to: names.0, at: server.url)
        let watch = try laboratory.start(names.1, ["sync", "--watch"])
        do {
            try arrival(of: "Berlin", in: id, at: names.1)
            let pushed = try delays(from: names.1, to: names.0, id), pulled = try delays(from: names.0, to: names.1, id)
            let anchor = "with the start of the program that reads it"
            report.add(Figure("live, from laptop to server", pushed, "ms", goal: 200, anchor: anchor))
            report.add(Figure("live, from server to laptop", pulled, "ms", goal: 200, anchor: anchor))
        } catch {
            watch.stop()
            server.process.stop()
            throw error
        }
        watch.stop()
        _ = try watch.wait(expecting: [130, 143])
        server.process.stop()
        _ = try server.process.wait()
        laboratory.remove(names.0, names.1)
    }

    /// The times from the end of a command that edits to the end of the first one that reads the change at the other node.
    private func delays(from: String, to: String, _ id: String) throws -> Runs {
        var milliseconds: [Double] = []
        for change in 1...Self.changes {
            let city = "\(from)-\(change)"
            try laboratory.run(from, ["edit", id, "city=\(city)"])
            let edited = ContinuousClock.now
            try arrival(of: city, in: id, at: to)
            milliseconds.append((ContinuousClock.now - edited) / .milliseconds(1))
        }
        return Runs(milliseconds)
    }

    private func arrival(of city: String, in id: String, at node: String) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            // The record is not there before the first sync.
            let shown = try laboratory.run(node, ["show", id, "--json"], expecting: [0, 66])
            if String(decoding: shown.output, as: UTF8.self).contains("\"\(city)\"") { return }
        }
        throw BenchmarkError("a change did not arrive within 30 s")
    }
}
