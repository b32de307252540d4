import Foundation

/// Runs the sets one after the other and prints a table of what they showed.
struct Report {
    private let options: Main.Options

    init(_ options: Main.Options) { self.options = options }

    func run() throws {
        var names = ["households", "households-mail", "chinese", "chinese-mail", "companies", "index"]
        if options.datasets != nil {
            names = ["febrl1-strangers", "febrl2-strangers", "febrl4-strangers", "febrl1", "febrl2", "febrl4"] + names
        } else {
            show("FEBRL is left out: name the folder of the test sets by --datasets or LIMN_DATASETS")
        }
        if options.includesMillion { names.append("million") }
        show("set                        seed  records      pairs  precision  recall      F1    goal  seconds  CPU seconds      MB")
        var lines: [String] = [], isMet = true
        for name in names {
            let data = try child(name)
            lines.append(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            if name == "index" {
                show(try JSONDecoder().decode(IndexMeasurement.self, from: data).line)
            } else {
                let measurement = try JSONDecoder().decode(Measurement.self, from: data)
                show(measurement.line)
                isMet = isMet && measurement.f1 >= measurement.goal ?? 0
            }
        }
        if let path = options.json { try Data(("[" + lines.joined(separator: ",\n") + "]\n").utf8).write(to: URL(fileURLWithPath: path)) }
        if !isMet { exit(1) }
    }

    /// Prints a line at once: a set takes a while.
    private func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private func child(_ name: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["--only", name, "--seed", "\(options.seed)", "--people", "\(options.people)", "--companies", "\(options.companies)"]
        if let folder = options.datasets { process.arguments?.append(contentsOf: ["--datasets", folder]) }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}

extension Measurement {
    /// One line of the table.
    var line: String {
        func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
        let start = set + String(repeating: " ", count: max(0, 26 - set.count))
        let columns: [(String, Int)] = [
            (seed.map(String.init) ?? "-", 5), ("\(records)", 9), ("\(pairsCompared)", 11), (String(format: "%.4f", precision), 11),
            (String(format: "%.4f", recall), 8), (String(format: "%.4f", f1), 8), (goal.map { String(format: "%.3f", $0) } ?? "-", 8),
            (String(format: "%.1f", seconds), 9), (String(format: "%.1f", processorSeconds), 13), (String(format: "%.0f", peakMegabytes), 8),
        ]
        return start + columns.map { right($0.0, $0.1) }.joined()
    }
}
