internal import ArgumentParser
internal import Foundation
internal import GeneratedCompany

/// Writes the tables of a generated company, and what would be true of its customers.
@main
struct GenerateCompany: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "generate-company",
            abstract: "Write persons.csv, organizations.csv, orders.csv and truth.csv of a company put together by chance.")
    }

    @Option(help: "How many persons; there is an organization for nine of them.") var persons = 1_000
    @Option(help: "The same seed makes the same company.") var seed: UInt64 = 1
    @Option(help: "The folder to write into.") var output = "."

    func validate() throws {
        if !(1...5_000_000).contains(persons) { throw ValidationError("--persons is between 1 and 5000000") }
    }

    func run() throws {
        let company = GeneratedCompany(persons: persons, seed: seed)
        let folder = URL(fileURLWithPath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let truth = "external_id,field,value\n" + company.truth.map { "\($0.externalID),\($0.field),\($0.value)\n" }.joined()
        for (name, text) in [("persons", company.persons), ("organizations", company.organizations), ("orders", company.orders), ("truth", truth)] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name + ".csv"))
        }
    }
}
