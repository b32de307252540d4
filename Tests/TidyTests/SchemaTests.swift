import Crypto
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
        for embedded in table.matches(of: #/#embed "\.\./\.\./([^"]+)"/#) {
            #expect(paths.contains(String(embedded.1)), "\(embedded.1) is embedded and does not exist")
        }
    }

    /// A store remembers which migrations it ran: a later change is a new file, never another text in an old one.
    @Test func migrationsAreAppendOnly() throws {
        let list = try #require(SourceTree.text("Tests/TidyTests/migrations.sha256"))
        var known: [String: String] = [:]
        for line in list.lines where !line.isEmpty {
            let parts = line.split(separator: " ")
            try #require(parts.count == 2, "the list has the form that sha256sum prints")
            known[String(parts[1])] = String(parts[0])
        }
        let files = SourceTree.paths(below: "schema/migrations")
        for path in files {
            let bytes = try Data(contentsOf: SourceTree.root.appendingPathComponent(path))
            let hash = SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            #expect(known[path] != nil, "\(path) is not in the list: sha256sum \(path) >> Tests/TidyTests/migrations.sha256")
            #expect(known[path] == nil || known[path] == hash, "\(path) was changed; write a new migration instead")
        }
        #expect(Set(known.keys) == Set(files), "the list names other migrations than there are")
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
