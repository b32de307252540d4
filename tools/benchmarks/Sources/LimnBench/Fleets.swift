import Foundation

/// Many nodes in one process, on simulated clocks: what FleetBench measures, a line of JSON a figure.
struct Fleets {
    let laboratory: Laboratory
    let fleetBench: String

    func measure(into report: inout Report) throws {
        for mode in ["cost", "years", "day"] {
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
    }
}
