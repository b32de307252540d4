import Foundation
import Testing

/// The documents against each other and against the project.
@Suite("Documents are true")
struct DocumentTests {
    static let documents = ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]

    /// The headings, code fences and table rows of a document, in order.
    static func outline(_ file: TextFile) -> [String] {
        var isInCode = false
        return file.lines.compactMap { line in
            if line.hasPrefix("```") {
                isInCode.toggle()
                return isInCode ? "code" : nil
            }
            if isInCode { return nil }
            if line.hasPrefix("#") { return String(line.prefix { $0 == "#" }) }
            return line.hasPrefix("|") ? "row" : nil
        }
    }

    @Test func theReadmeAndItsTwinSayTheSame() throws {
        let english = try #require(SourceTree.text("README.md"))
        let chinese = try #require(SourceTree.text("README.zh-CN.md"))
        #expect(Self.outline(english) == Self.outline(chinese))
        #expect(Self.commands(english) == Self.commands(chinese))
    }

    /// The lines of the code blocks without their comments and quoted words, which each language has for itself.
    static func commands(_ file: TextFile) -> [String] {
        var isInCode = false
        var found: [String] = []
        for line in file.lines {
            if line.hasPrefix("```") {
                isInCode.toggle()
            } else if isInCode {
                let command = line.prefix(upTo: line.firstRange(of: " #")?.lowerBound ?? line.endIndex)
                found.append(command.replacing(#/["'][^"']*["']/#, with: "…").trimmingSuffix(while: { $0 == " " }))
            }
        }
        return found
    }

    @Test func linksLeadSomewhere() throws {
        let files = Self.documents + SourceTree.paths(below: "schema/decisions").filter { $0.hasSuffix(".md") }
            + SourceTree.paths(below: "peers").filter { $0.hasSuffix(".md") }
        for path in files {
            let file = try #require(SourceTree.text(path), "\(path) is missing")
            let folder = SourceTree.root.appendingPathComponent(path).deletingLastPathComponent()
            for line in file.lines {
                for link in line.matches(of: #/\]\(([^)#]+)[^)]*\)/#) where !link.1.contains(":") {
                    let target = folder.appendingPathComponent(String(link.1)).path
                    #expect(FileManager.default.fileExists(atPath: target), "\(path) points to \(link.1)")
                }
            }
        }
    }

    /// Paths in backquotes that begin with a top folder of the project exist.
    @Test func namedFilesExist() throws {
        for path in Self.documents {
            for line in try #require(SourceTree.text(path)).lines {
                for name in line.matches(of: #/`((?:Sources|Tests|tools|schema|peers)\/[\w.\/-]+)`/#) where !name.1.contains("NNNN") {
                    let target = SourceTree.root.appendingPathComponent(String(name.1)).path
                    #expect(FileManager.default.fileExists(atPath: target), "\(path) names \(name.1)")
                }
            }
        }
    }

    /// Nothing in the project depends on, or tells of, the machine it was written on.
    @Test func nothingNamesAMachineOrARegistry() {
        // Built from parts, so that this file does not find itself.
        let words = [
            "/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "/Us" + "ers/", "/tm" + "p/bash", "py" + "pi.org", "python" + "hosted",
            "deb." + "debian.org", "registry." + "npmjs", "crates" + ".io", "proxy.golang" + ".org", "arti" + "factory",
        ]
        for path in SourceTree.paths() where path != "Package.resolved" {
            guard let file = SourceTree.text(path) else { continue }
            for word in words {
                for number in file.lines(holding: word) { Issue.record("\(path):\(number) names \(word)") }
            }
        }
    }

    @Test func scriptsAreExecutable() {
        let scripts = SourceTree.paths(below: "tools").filter { $0.split(separator: "/").count == 2 } + [".ci/run"]
        #expect(scripts.count > 4)
        for path in scripts where SourceTree.text(path)?.lines.first?.hasPrefix("#!") == true {
            #expect(FileManager.default.isExecutableFile(atPath: SourceTree.root.appendingPathComponent(path).path), "\(path) cannot be run")
        }
    }
}

extension StringProtocol {
    func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var text = String(self)
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
