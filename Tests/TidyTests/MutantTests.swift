import Foundation
import Mutants
import Testing

/// The deliberate bugs of `tools/mutants`.
@Suite("Deliberate bugs can be planted")
struct MutantTests {
    @Test func eachStandsOnceInTheSources() throws {
        let list = try String(contentsOf: SourceTree.root.appendingPathComponent("tools/laboratory/mutants.txt"), encoding: .utf8)
        let mutants = try Mutant.all(in: list)
        #expect(mutants.count >= 25)
        var files: [String: String] = [:]
        for mutant in mutants {
            let source = try files[mutant.file] ?? String(contentsOf: SourceTree.root.appendingPathComponent(mutant.file), encoding: .utf8)
            files[mutant.file] = try mutant.planted(in: source)
        }
    }

    @Test func whatDoesNotStandOnceIsRefused() throws {
        let mutant = try #require(Mutant.all(in: "[a] f.swift\nabout\n- let a = 1\n+ let a = MUTANT ? 2 : 1\n").first)
        #expect(mutant.about == "about")
        #expect(try mutant.planted(in: "let a = 1\n") == "let a = isMutant(\"a\") ? 2 : 1\n")
        #expect(throws: Mutant.Problem.self) { try mutant.planted(in: "let b = 1\n") }
        #expect(throws: Mutant.Problem.self) { try mutant.planted(in: "let a = 1\nlet a = 1\n") }
        #expect(throws: Mutant.Problem.self) { try Mutant.all(in: "[a] f.swift\nabout\n- let a = 1\n+ let a = 2\n") }
    }
}
