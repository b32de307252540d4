internal import Foundation

/// A deliberate bug: a few lines of a source file, and what stands in their place while it is switched on.
public struct Mutant: Equatable, Sendable {
    public let name: String
    /// The path of the file from the root of the repository.
    public let file: String
    public let about: String
    /// The lines as they stand.
    public let right: String
    /// The lines in their place, with `MUTANT` for the switch.
    public let wrong: String

    /// Why a list of bugs, or a bug, cannot be used.
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    /// The mutants of a list; `tools/laboratory/mutants.txt` says how it is written.
    ///
    /// - Throws: `Problem`.
    public static func all(in text: String) throws -> [Mutant] {
        var found: [Mutant] = []
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }
            guard let head = lines.first else { continue }
            guard head.hasPrefix("["), let end = head.firstIndex(of: "]") else { throw Problem(description: "no name in: \(head)") }
            func rest(_ mark: String) -> String { lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(2)) }.joined(separator: "\n") }
            let mutant = Mutant(
                name: String(head[head.index(after: head.startIndex)..<end]),
                file: String(head[head.index(after: end)...].drop { $0 == " " }),
                about: lines.dropFirst().first.map(String.init) ?? "", right: rest("- "), wrong: rest("+ "))
            guard !mutant.right.isEmpty, mutant.wrong.contains("MUTANT"), !found.contains(where: { $0.name == mutant.name }) else {
                throw Problem(description: "\(mutant.name) is not whole, or there twice")
            }
            found.append(mutant)
        }
        return found
    }

    /// A source text with the bug in it, behind its switch.
    ///
    /// - Throws: `Problem` where the lines do not stand in the text exactly once.
    public func planted(in source: String) throws -> String {
        let parts = source.components(separatedBy: right)
        guard parts.count == 2 else { throw Problem(description: "\(name): its lines stand \(parts.count - 1) times in \(file)") }
        return parts.joined(separator: wrong.replacing("MUTANT", with: "isMutant(\"\(name)\")"))
    }

    /// The source of the switch, in the lowest module.
    public static let switchSource = """
        import Foundation

        private let chosen = ProcessInfo.processInfo.environment["LIMN_MUTANT"] ?? ""

        /// Whether this deliberate bug is switched on.
        public func isMutant(_ name: String) -> Bool { chosen == name }

        """
}
