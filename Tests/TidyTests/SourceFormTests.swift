import Foundation
import Testing

/// How the sources are cut and marked.
@Suite("Sources read well")
struct SourceFormTests {
    static let fileLinesMaximum = 500
    static let functionLinesMaximum = 70

    @Test func filesAreShort() {
        for file in SourceTree.code where file.path.hasSuffix(".swift") {
            #expect(file.lines.count <= Self.fileLinesMaximum, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func functionsAreShort() {
        for file in SourceTree.sources {
            for function in Self.functions(of: file) where function.length > Self.functionLinesMaximum {
                Issue.record("\(file.path):\(function.line) begins a function of \(function.length) lines")
            }
        }
    }

    @Test func nothingIsLeftOpen() {
        // Built from parts, so that this file does not find itself.
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "not" + "Implemented", "fatalError(\"un" + "implemented"]
        for file in SourceTree.code {
            for mark in marks {
                for number in file.lines(holding: mark) { Issue.record("\(file.path):\(number) says \(mark)") }
            }
        }
    }

    @Test func linesEndCleanly() {
        for file in SourceTree.code where !file.path.contains("/Snapshots/") && !file.path.contains("/Vectors/") && !file.path.contains("/corpus/") {
            for (what, slip) in [("ends in white space", " \n"), ("holds a tab", "\t"), ("holds a carriage return", "\r")] {
                for number in file.lines(holding: slip) { Issue.record("\(file.path):\(number) \(what)") }
            }
        }
    }

    @Test func publicDeclarationsAreDocumented() {
        for file in SourceTree.sources {
            for line in Self.undocumented(of: file) { Issue.record("\(file.path):\(line) is public and has no documentation") }
        }
    }

    /// The functions of a file and how many lines each takes, by counting braces outside of strings and comments.
    static func functions(of file: TextFile) -> [(line: Int, length: Int)] {
        let opening = #/^\s*(?:(?:@\w+(?:\([^)]*\))?|public|internal|package|private|fileprivate|static|final|override|mutating|nonisolated|convenience|required|class|indirect)\s+)*(?:func\b|init[?!]?[(<]|deinit\b|subscript\b)/#
        var found: [(line: Int, length: Int)] = []
        var depth = 0
        var open: [(line: Int, depth: Int, hasBody: Bool)] = []
        var isInText = false
        for (number, line) in file.lines.enumerated() {
            let quotes = line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1
            if isInText || quotes % 2 == 1 {
                if quotes % 2 == 1 { isInText.toggle() }
                continue
            }
            let isCandidate = line.contains("func ") || line.contains("init") || line.contains("subscript")
            if isCandidate, line.prefixMatch(of: opening) != nil {
                if let last = open.last, !last.hasBody, last.depth == depth { open.removeLast() }  // a requirement of a protocol
                open.append((number, depth, false))
            }
            for brace in braces(line) {
                if brace == UInt8(ascii: "{") {
                    depth += 1
                    if let last = open.last, !last.hasBody, depth == last.depth + 1 { open[open.count - 1].hasBody = true }
                } else {
                    depth -= 1
                    if let last = open.last, last.hasBody, depth == last.depth {
                        found.append((last.line + 1, number - last.line + 1))
                        open.removeLast()
                    } else if let last = open.last, !last.hasBody, depth < last.depth {
                        open.removeLast()
                    }
                }
            }
        }
        return found
    }

    /// The braces of a line outside of its comment and its string literals.
    static func braces(_ line: Substring) -> [UInt8] {
        var found: [UInt8] = []
        var isQuoted = false
        var previous: UInt8 = 0
        for byte in line.utf8 {
            if isQuoted, previous == UInt8(ascii: "\\") {
                previous = 0
                continue
            }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted {
                if byte == UInt8(ascii: "/"), previous == byte { break }
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") { found.append(byte) }
            }
            previous = byte
        }
        return found
    }

    /// The lines of public declarations without a doc comment. Needed by types, and by members of more than one line;
    /// initializers, cases, and what an extension adds to meet a protocol are told by what they belong to.
    static func undocumented(of file: TextFile) -> [Int] {
        let declaration = #/^(\s*)public\s+(?:(?:static|final|indirect|class|mutating|nonisolated)\s+)*(struct|final class|class|enum|protocol|actor|func|var|let|typealias|subscript)\s+(\S+)/#
        var found: [Int] = []
        var conforms = false
        for (number, line) in file.lines.enumerated() {
            if line.hasPrefix("extension") { conforms = line.contains(":") } else if line.hasPrefix("}") { conforms = false }
            guard line.contains("public "), let match = line.prefixMatch(of: declaration) else { continue }
            let isType = ["struct", "class", "enum", "protocol", "actor", "final class"].contains(match.2)
            let isMember = !match.1.isEmpty
            let closes = line.hasSuffix("}") || !line.contains("{")
            if isMember, !isType, closes || conforms { continue }
            if requirements.contains(String(match.3.prefix { $0.isLetter || $0.isNumber || "<>=!~+-".contains($0) })) { continue }
            var above = number - 1
            while above >= 0, file.lines[above].trimmingPrefix(while: \.isWhitespace).hasPrefix("@") { above -= 1 }
            let comment = above >= 0 ? file.lines[above].trimmingPrefix(while: \.isWhitespace) : ""
            if !comment.hasPrefix("///") && !comment.hasSuffix("*/") { found.append(number + 1) }
        }
        return found
    }

    /// Members whose meaning a protocol of the standard library gives.
    static let requirements: Set<String> = [
        "<", "==", "hash", "description", "debugDescription", "next", "makeIterator", "count", "startIndex", "endIndex", "encode",
        "errorDescription", "body", "run", "code", "parameters", "retry", "configuration", "rawValue",
    ]
}
