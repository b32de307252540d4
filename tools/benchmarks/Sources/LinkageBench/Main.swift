import Foundation
import RecordLinkage

@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        var settings = LinkageSettings()
        settings.reckonsWithRelatives = !arguments.contains("-s")
        func measure(_ set: LinkageSet) {
            let m = Measurement(set, settings: settings, prints: arguments.contains("-v"))
            print(set.name, m.records, m.pairsCompared, m.precision, m.recall, m.f1, m.pairF1, m.seconds, m.peakMegabytes)
        }
        if arguments[1] == "households" { measure(GeneratedHouseholds.make(people: Int(arguments[2])!, seed: UInt64(arguments[3])!)); return }
        if arguments[1] == "chinese" { measure(GeneratedChinese.make(people: Int(arguments[2])!, seed: UInt64(arguments[3])!)); return }
        if arguments[1] == "companies" { measure(GeneratedCompanies.make(companies: Int(arguments[2])!, seed: UInt64(arguments[3])!)); return }
        for number in [1, 2, 4] {
            let set = try Febrl.read(number, folder: arguments[1])
            measure(set)
        }
    }
}
