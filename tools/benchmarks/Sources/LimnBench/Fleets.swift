import Foundation

/// Many nodes in one process, on simulated clocks: what FleetBench measures, a line of JSON a figure.
struct Fleets {
    let laboratory: Laboratory
    let fleetBench: String

    func measure(into report: inout Report) throws {
        for mode in ["cost", "years", "day", "territories"] {
            FileHandle.standardError.write(Data("a fleet: \(mode)\n".utf8))
            let cost = try ChildProcess(
                fleetBench, [mode, "--folder", laboratory.folder], environment: ["HOME": laboratory.folder, "PATH": "/usr/bin:/bin"],
                outputPath: laboratory.path("output-fleet-\(mode)")
            ).wait()
            let lines = String(decoding: cost.output, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("{") }
            if lines.isEmpty { throw BenchmarkError("the fleet printed no figures") }
            for line in lines {
                guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                    let name = object["figure"] as? String, let value = object["value"] as? Double, let unit = object["unit"] as? String else {
                    throw BenchmarkError("the fleet printed \(line)")
                }
                report.add(Figure(name, value, unit, goal: object["goal"] as? Double, anchor: object["anchor"] as? String ?? ""))
            }
        }
        try compare(&report)
    }

    /// A day with territories against one on which every laptop holds everything, in the same run.
    private func compare(_ report: inout Report) throws {
        for (name, goal) in [
            ("hub: time a session", 1), ("laptop a day, median", 0.25), ("store of a laptop, median", 0.5),
            ("hub, one laptop and the simulation: peak memory", 1.1),
        ] {
            guard let whole = report.figures.first(where: { $0.name == name }), let part = report.figures.first(where: { $0.name == "territories: \(name)" })
            else { throw BenchmarkError("the fleet has no \(name)") }
            let anchor = "\(Figure.text(part.value)) and \(Figure.text(whole.value)) \(whole.unit)"
            report.add(Figure("territories / everything: \(name)", part.value / whole.value, "x", goal: goal, anchor: anchor))
        }
    }
}
