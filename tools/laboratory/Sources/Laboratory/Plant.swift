internal import ArgumentParser
internal import Foundation
internal import Mutants

/// Plants all deliberate bugs in a copy of the sources, each behind the switch `LIMN_MUTANT`.
struct Plant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plant", abstract: "Plants the deliberate bugs in a copy of the sources, and prints their names.")

    @Argument(help: "The root of the copy.") var root: String

    func run() throws {
        let mutants = try Mutant.all(in: String(contentsOfFile: root + "/tools/laboratory/mutants.txt", encoding: .utf8))
        for mutant in mutants {
            let path = root + "/" + mutant.file
            let planted = try mutant.planted(in: String(contentsOfFile: path, encoding: .utf8))
            try planted.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let path = root + "/Sources/Causality/Mutant.swift"
        try Mutant.switchSource.write(toFile: path, atomically: true, encoding: .utf8)
        for mutant in mutants { print(mutant.name) }
    }
}
