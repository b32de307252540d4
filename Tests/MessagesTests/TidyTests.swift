import Foundation
import Messages
import Testing

/// The catalogue against itself and against the sources that use it.
@Suite("The catalogue is whole")
struct TidyTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// 0 stands at warnings, which stop nothing.
    static let exitCodes: Set<Int32> = [0, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78, 130]

    /// The lines of every file of texts, with the file's name and the line's number.
    static func lines() throws -> [(place: String, line: String)] {
        let folder = root.appendingPathComponent("schema/messages")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().flatMap { file in
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
                ("\(file):\($0.offset + 1)", String($0.element))
            }
        }
    }

    @Test func everyBlockSpeaksBothLanguages() {
        #expect(Catalogue.embedded.codes.count > 50)
        for code in Catalogue.embedded.codes {
            let block = Catalogue.embedded.block(code)!
            for language in Language.allCases {
                #expect(block.texts[language]?.isEmpty == false, "\(code) has no \(language.rawValue) text")
            }
            let english = MessageTemplate.placeholders(block.texts[.english] ?? "")
            let chinese = MessageTemplate.placeholders(block.texts[.chinese] ?? "")
            #expect(english == chinese, "\(code) speaks of other parameters in each language")
            #expect((block.hints[.english] == nil) == (block.hints[.chinese] == nil), "\(code) has one hint only")
            #expect(
                MessageTemplate.placeholders(block.hints[.english] ?? "")
                    == MessageTemplate.placeholders(block.hints[.chinese] ?? ""), "\(code) has hints that differ")
        }
    }

    @Test func exitCodesAreThoseOfTheContract() {
        for code in Catalogue.embedded.codes {
            guard let exit = Catalogue.embedded.block(code)!.exitCode else { continue }
            #expect(Self.exitCodes.contains(exit), "\(code) exits with \(exit)")
        }
    }

    @Test func linesAreOfTheFormat() throws {
        let form = #/(\[[a-z]+(\.[A-Za-z0-9_-]+)+\]( exit=\d+)?)|((en|zh)(\.hint)?: \S.*)|(  \S.*)|(#.*)|/#
        var seen: Set<String> = []
        for (place, line) in try Self.lines() {
            #expect(line.wholeMatch(of: form) != nil, "\(place) is of no known form: \(line)")
            #expect(line.last != " ", "\(place) ends in a space")
            guard line.hasPrefix("[") else { continue }
            #expect(seen.insert(String(line.prefix { $0 != "]" })).inserted, "\(place) has a code twice: \(line)")
        }
    }

    /// Codes appear in the sources as string literals; one that looks like a code of the catalogue has to be in it.
    @Test func everyCodeInTheSourcesHasATextAndEveryTextIsUsed() throws {
        let prefixes = Set(Catalogue.embedded.codes.map { String($0.prefix { $0 != "." }) })
        let fileEndings: Set<String> = ["sqlite", "db", "json", "jsonl", "csv", "tsv", "txt", "sql", "svg", "lock"]
        let known = Set(Catalogue.embedded.codes)
        var used: Set<String> = []
        var computed: [String] = []
        let files = FileManager.default.enumerator(atPath: Self.root.appendingPathComponent("Sources").path)!
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: Self.root.appendingPathComponent("Sources/\(file)"), encoding: .utf8)
            for match in text.matches(of: #/"([a-z]+)\.([A-Za-z0-9_.-]+)("|\\\()/#) where prefixes.contains(String(match.1)) {
                let code = "\(match.1).\(match.2)"
                if match.3 != "\"" {
                    computed.append(code)
                } else if !fileEndings.contains(String(match.2)) {
                    used.insert(code)
                    #expect(known.contains(code), "\(file) speaks of \(code), which has no text")
                }
            }
        }
        // Only texts can be unused: codes of errors may be made of parts.
        for code in known.subtracting(used) where Catalogue.embedded.block(code)!.exitCode == nil {
            #expect(computed.contains { code.hasPrefix($0) }, "\(code) is used nowhere")
        }
    }
}
