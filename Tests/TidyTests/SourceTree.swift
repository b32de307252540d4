import Foundation

/// A text file of the project.
struct TextFile {
    /// From the project's root, as in `Sources/limn/Main.swift`.
    let path: String
    let lines: [Substring]

    /// The room of a file below `Sources`, the suite of one below `Tests`.
    var room: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    private let bytes: Data

    init?(path: String, bytes: Data) {
        guard let text = String(data: bytes, encoding: .utf8) else { return nil }
        self.path = path
        self.bytes = bytes
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The numbers of the lines that hold a text.
    func lines(holding text: String) -> [Int] {
        var found: [Int] = []
        let wanted = Data(text.utf8)
        var start = bytes.startIndex
        while let range = bytes[start...].range(of: wanted) {
            found.append(bytes[..<range.lowerBound].count { $0 == UInt8(ascii: "\n") } + 1)
            start = range.upperBound
        }
        return found
    }
}

/// The project's files as they stand on disk, without what a build leaves behind.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The paths below a folder; build folders and what git keeps for itself are left out.
    static func paths(below folder: String = "") -> [String] {
        let start = root.appendingPathComponent(folder).path
        let prefix = folder.isEmpty ? "" : folder + "/"
        guard let enumerator = FileManager.default.enumerator(atPath: start) else { return [] }
        var found: [String] = []
        for case let path as String in enumerator {
            let name = path.split(separator: "/").last ?? ""
            if name == ".git" || name.hasPrefix(".build") || name == ".swiftpm" || name == "__pycache__" {
                enumerator.skipDescendants()
                continue
            }
            var isFolder: ObjCBool = false
            let full = start + "/" + path
            if FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue { found.append(prefix + path) }
        }
        return found.sorted()
    }

    /// A text file, or nothing where the bytes are no UTF-8.
    static func text(_ path: String) -> TextFile? {
        guard let bytes = try? Data(contentsOf: root.appendingPathComponent(path)) else { return nil }
        return TextFile(path: path, bytes: bytes)
    }

    /// The Swift files below `Sources`.
    static let sources = paths(below: "Sources").filter { $0.hasSuffix(".swift") }.compactMap(text)

    /// Sources, tests and scripts.
    static let code = ["Sources", "Tests", "tools", ".ci"].flatMap { paths(below: $0) }.compactMap(text)
}
