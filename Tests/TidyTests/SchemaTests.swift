import Foundation
import Testing

/// What stands in `schema` against what is built from it.
@Suite("The schema is whole")
struct SchemaTests {
    @Test func everyDataFileIsEmbedded() throws {
        let table = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Sources/CEmbeddedFiles/files.c"), encoding: .utf8)
        let paths = SourceTree.paths(below: "schema").filter { !$0.hasPrefix("schema/decisions/") && !$0.hasSuffix(".md") }
        #expect(paths.count > 10)
        for path in paths {
            let name = path.dropFirst("schema/".count)
            #expect(table.contains("#embed \"../../\(path)\""), "\(path) is not embedded")
            #expect(table.contains("{\"\(name)\","), "\(path) is not in the table of embedded files")
        }
        let mappings = SourceTree.paths(below: "peers/crm").filter { $0.hasSuffix(".tsv") && !$0.hasSuffix("example.tsv") }
        for path in mappings { #expect(table.contains("#embed \"../../\(path)\"") && table.contains("{\"\(path)\","), "\(path) is not embedded") }
        for embedded in table.matches(of: #/#embed "\.\./\.\./([^"]+)"/#) {
            #expect((paths + mappings).contains(String(embedded.1)), "\(embedded.1) is embedded and does not exist")
        }
    }

    /// A store remembers which migrations it ran: a later change is a new file, never another text in an old one.
    @Test func migrationsAreAppendOnly() throws {
        let list = "Tests/TidyTests/migrations.sha256"
        let known = try #require(SourceTree.text(list)).lines.compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(known.sorted() == SourceTree.paths(below: "schema/migrations"), "add to \(list) what sha256sum prints for a new migration")
        let check = Process()
        check.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        check.arguments = ["sha256sum", "--check", "--strict", "--quiet", list]
        check.currentDirectoryURL = SourceTree.root
        check.standardInput = FileHandle.nullDevice
        try check.run()
        check.waitUntilExit()
        #expect(check.terminationStatus == 0, "a migration was changed; write a new one instead")
    }

    @Test func migrationsAreNumberedWithoutGaps() {
        let names = SourceTree.paths(below: "schema/migrations").map { String($0.split(separator: "/").last!) }
        for (index, name) in names.enumerated() {
            let number = String(index + 1)
            #expect(name == String(repeating: "0", count: 4 - number.count) + number + ".sql")
        }
    }

    @Test func fieldsHaveIdsAndNamesOfTheirOwn() throws {
        let lines = try #require(SourceTree.text("schema/fields.tsv")).lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        var ids: Set<Substring> = []
        var names: Set<Substring> = []
        for line in lines.dropFirst() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(columns.count > 6)
            #expect(ids.insert(columns[0]).inserted, "two fields have the id \(columns[0])")
            #expect(names.insert(columns[1]).inserted, "two fields have the name \(columns[1])")
            #expect(!columns[5].isEmpty && !columns[6].isEmpty, "\(columns[1]) lacks a label")
        }
    }

    @Test func decisionsAreNumberedAndShort() throws {
        let paths = SourceTree.paths(below: "schema/decisions").filter { $0.hasSuffix(".md") }
        for (index, path) in paths.enumerated() {
            let name = path.split(separator: "/").last!
            #expect(Int(name.prefix(4)) == index + 1, "\(path) is out of order")
            let text = try #require(SourceTree.text(path))
            #expect(text.lines.first?.hasPrefix("# ") == true, "\(path) has no heading")
            #expect(text.lines.count < 80, "\(path) is longer than a page")
        }
    }
}
