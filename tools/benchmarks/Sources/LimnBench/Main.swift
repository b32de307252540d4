import Foundation

/// Measures the released program from outside; `tools/bench` builds and calls it.
@main
enum Main {
    static func main() {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            switch arguments.first {
            case "plain" where arguments.count == 4: try PlainTables.load(arguments[1], into: arguments[2], synchronous: arguments[3])
            case "bad-line" where arguments.count == 4: try BadLine.run(limn: arguments[1], folder: arguments[2], output: arguments[3])
            case "generate" where arguments.count == 3: try StandardRows.write(Int(arguments[1]) ?? 0, to: arguments[2])
            default: try run(Options(arguments))
            }
        } catch {
            FileHandle.standardError.write(Data("limn-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    struct Options {
        var limn = ""
        var storeBench = ""
        /// Nil where fleets are not measured.
        var fleetBench: String?
        var folder = ""
        var rows = 100_000
        var scale: Int?
        var rounds = 3
        var json: String?

        init(_ arguments: [String]) throws {
            var rest = arguments[...]
            while let name = rest.popFirst() {
                guard let value = rest.popFirst() else { throw BenchmarkError("\(name) needs a value") }
                switch name {
                case "--limn": limn = value
                case "--store-bench": storeBench = value
                case "--fleet-bench": fleetBench = value
                case "--folder": folder = value
                case "--rows": rows = try number(value)
                case "--scale": scale = try number(value)
                case "--rounds": rounds = try number(value)
                case "--json": json = value
                default: throw BenchmarkError("there is no option \(name)")
                }
            }
        }

        private func number(_ text: String) throws -> Int {
            guard let number = Int(text), number > 0 else { throw BenchmarkError("\(text) is no number above 0") }
            return number
        }
    }

    static func run(_ options: Options) throws {
        let laboratory = Laboratory(limn: options.limn, folder: options.folder)
        var report = Report(rows: options.rows, scale: options.scale)
        try measure(options.rows, options.rounds, laboratory, &report)
        try SingleWrites(laboratory: laboratory, storeBench: options.storeBench).measure(into: &report)
        try Live(laboratory: laboratory).measure(into: &report)
        try BadLine(laboratory: laboratory).measure(into: &report)
        if let fleetBench = options.fleetBench { try Fleets(laboratory: laboratory, fleetBench: fleetBench).measure(into: &report) }
        if let scale = options.scale {
            var large = Report(rows: scale, scale: nil)
            try measure(scale, 1, laboratory, &large)
            for name in ["import, peak memory", "cold sync, peak memory of the caller", "serve, peak memory"] {
                guard let small = report.figures.first(where: { $0.name == name }), let big = large.figures.first(where: { $0.name == name }) else { continue }
                report.add(Figure("\(name), \(scale) rows", big.value, "MB"))
                report.add(Figure("\(name), \(scale) / \(options.rows) rows", big.value / small.value, "x", goal: 1.1))
            }
            report.figures += large.figures.filter { $0.name.hasPrefix("find") || $0.name.hasPrefix("verify") }
        }
        print("\n" + report.table, terminator: "")
        if let path = options.json { try report.json().write(to: URL(fileURLWithPath: path)) }
        if report.figures.contains(where: { $0.isHeld == false }) { exit(1) }
    }

    private static func measure(_ rows: Int, _ rounds: Int, _ laboratory: Laboratory, _ report: inout Report) throws {
        FileHandle.standardError.write(Data("\(rows) customers\n".utf8))
        try StandardRows.write(rows, to: laboratory.path("customers.csv"))
        try BulkLoad(laboratory: laboratory, rows: rows, rounds: rounds).measure(into: &report)
        let queries = Queries(laboratory: laboratory)
        try queries.measureStart(into: &report)
        try queries.measureFind(among: rows, into: &report)
        try SingleWrites(laboratory: laboratory, storeBench: "").measureField(into: &report)
        try Syncs(laboratory: laboratory, rows: rows, rounds: rounds).measure(into: &report)
        laboratory.remove("customers.csv", "plain.sqlite", "bare", "origin", "copy\(rounds)")
    }
}
