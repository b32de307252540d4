import Foundation
import RecordLinkage

/// Measures how well and how fast records of one customer are found, on sets of which the truth is known.
///
/// Every set is measured in a process of its own, with the same settings; the probability above which pairs are linked is fixed.
@main
enum Main {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            if let only = options.only {
                try measure(only, options)
            } else {
                try Report(options).run()
            }
        } catch is Usage {
            let usage = """
                LinkageBench [--datasets FOLDER] [--seed N] [--people N] [--companies N] [--million] [--json FILE]
                LinkageBench --only SET [--explain] [--export FILE]
                sets: febrl1, febrl2, febrl4, febrl1-strangers, febrl2-strangers, febrl4-strangers, households, households-mail, chinese, chinese-mail,
                    companies, million, index
                """
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(64)
        } catch {
            FileHandle.standardError.write(Data("LinkageBench: \(error)\n".utf8))
            exit(1)
        }
    }

    struct Usage: Error {}

    struct Options {
        /// The folder with `linkage/febrl1.csv` and its like; without it FEBRL is left out.
        var datasets: String?
        var seed: UInt64 = 1
        var people = 100_000
        var companies = 30_000
        /// Measures a million records too.
        var includesMillion = false
        var json: String?
        var only: String?
        /// Prints the model, and examples of what was missed and what was wrong.
        var explains = false
        var export: String?

        init(_ arguments: [String]) throws {
            datasets = ProcessInfo.processInfo.environment["LIMN_DATASETS"]
            var rest = arguments[...]
            while let name = rest.popFirst() {
                switch name {
                case "--million": includesMillion = true
                case "--explain": explains = true
                default:
                    guard let value = rest.popFirst() else { throw Usage() }
                    switch name {
                    case "--datasets": datasets = value
                    case "--json": json = value
                    case "--only": only = value
                    case "--export": export = value
                    case "--seed": seed = try Options.number(value)
                    case "--people": people = Int(try Options.number(value))
                    case "--companies": companies = Int(try Options.number(value))
                    default: throw Usage()
                    }
                }
            }
        }

        private static func number(_ text: String) throws -> UInt64 {
            guard let number = UInt64(text) else { throw Usage() }
            return number
        }
    }

    private static func measure(_ name: String, _ options: Options) throws {
        if name == "index" {
            try print(IndexMeasurement(seed: options.seed))
            return
        }
        var settings = LinkageSettings()
        settings.reckonsWithRelatives = !name.hasSuffix("-strangers")
        let set = try self.set(name, options)
        if let path = options.export { return try Export.write(set, to: path) }
        try print(Measurement(set, settings: settings, prints: options.explains))
    }

    private static func print(_ measurement: some Encodable) throws {
        Swift.print(String(decoding: try JSONEncoder().encode(measurement), as: UTF8.self))
    }

    private static func set(_ name: String, _ options: Options) throws -> LinkageSet {
        switch name {
        case "households": return GeneratedHouseholds.make(people: options.people, seed: options.seed)
        case "households-mail": return sharingMail(GeneratedHouseholds.self, options)
        case "million":
            var set = GeneratedHouseholds.make(people: 740_000, seed: options.seed)
            set.name = "a million records"
            set.goal = nil
            return set
        case "chinese": return GeneratedChinese.make(people: options.people, seed: options.seed)
        case "chinese-mail": return sharingMail(GeneratedChinese.self, options)
        case "companies": return GeneratedCompanies.make(companies: options.companies, seed: options.seed)
        default:
            let parts = name.split(separator: "-")
            guard let folder = options.datasets, parts[0].hasPrefix("febrl"), let number = Int(parts[0].dropFirst(5)) else { throw Usage() }
            var set = try Febrl.read(number, folder: folder + "/linkage")
            if parts.count > 1 { set.name += ", strangers only" } else { set.goal = nil }
            return set
        }
    }

    /// The same with families that share boxes of mail: harder, and without a goal of its own.
    private static func sharingMail<Generator: GeneratedPeople>(_ generator: Generator.Type, _ options: Options) -> LinkageSet {
        var set = generator.make(people: options.people, seed: options.seed, sharesMail: true)
        set.name += ", shared mail"
        set.goal = nil
        return set
    }
}
