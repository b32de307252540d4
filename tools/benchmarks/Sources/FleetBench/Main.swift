import Foundation

/// Measures fleets of real stores with simulated clocks inside one process, the real sessions and the bytes of their bodies.
///
/// Prints a line of JSON for each figure; `tools/bench --fleet` reads them.
@main
enum Main {
    static func main() {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            let options = try Options(Array(arguments.dropFirst()))
            switch arguments.first {
            case "day": try FleetDay(options, hasTerritories: false).run()
            case "territories": try FleetDay(options, hasTerritories: true).run()
            case "cost": try SyncCost(options).run()
            case "years": try TenYears(options).run()
            default: throw Usage()
            }
        } catch is Usage {
            let usage = """
                FleetBench day --folder FOLDER [--laptops N] [--hours N] [--customers N] [--edits N] [--meetings N] [--seed N]
                FleetBench territories --folder FOLDER [as day]
                FleetBench cost --folder FOLDER [--customers N]
                FleetBench years --folder FOLDER [--customers N] [--edits N] [--years N] [--seed N]
                """
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(64)
        } catch {
            FileHandle.standardError.write(Data("FleetBench: \(error)\n".utf8))
            exit(1)
        }
    }

    struct Usage: Error {}

    struct Options {
        var folder = ""
        var laptops = 1_000
        var hours = 10
        /// Nil where each mode has its own.
        var customers: Int?
        /// Edits of a laptop a day, or of a customer a year.
        var edits: Int?
        /// Sessions of a laptop a day.
        var meetings = 4
        var years = 10
        var seed: UInt64 = 1

        init(_ arguments: [String]) throws {
            var rest = arguments[...]
            while let name = rest.popFirst() {
                guard let value = rest.popFirst() else { throw Usage() }
                if name == "--folder" {
                    folder = value
                    continue
                }
                guard let number = Int(value), number > 0 else { throw Usage() }
                switch name {
                case "--laptops": laptops = number
                case "--hours": hours = number
                case "--customers": customers = number
                case "--edits": edits = number
                case "--meetings": meetings = number
                case "--years": years = number
                case "--seed": seed = UInt64(number)
                default: throw Usage()
                }
            }
            if folder.isEmpty { throw Usage() }
        }
    }
}
