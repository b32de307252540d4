internal import ProfileModel

/// The texts of the program in both languages: messages and hints of errors with their exit codes, labels, help.
///
/// A catalogue is plain text, one block for each code:
///
///     [exchange.file-missing] exit=66
///     en: There is no file {path}.
///     en.hint: Check the name, or use - to read standard input.
///     zh: 没有文件 {path}。
///     zh.hint: 请检查文件名，或用 - 从标准输入读取。
///
/// Lines that start with `#` are comments. A line that starts with two spaces continues the text above it on a new line.
/// `{name}` stands for a parameter; `{count?row|rows}` is the first word where the parameter reads 1, else the second.
///
/// - Complexity: creating one is a single pass that notes where blocks start; a block is read when its text is needed.
public struct Catalogue: Sendable {
    /// The catalogue that is compiled into the program: every file below `schema/messages/`.
    public static let embedded = Catalogue(bytes: embeddedBytes())

    /// The whole source text, files one after the other.
    private let bytes: [UInt8]
    /// Where the block of each code stands in `bytes`, its header line included.
    private let ranges: [String: Range<Int>]

    /// Reads a catalogue from its text.
    public init(text: String) {
        self.init(bytes: Array(text.utf8))
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
        self.ranges = Self.blockRanges(bytes)
    }

    /// All codes, sorted.
    public var codes: [String] { ranges.keys.sorted() }

    /// The block of a code, if there is one.
    public func block(_ code: String) -> MessageBlock? {
        ranges[code].map { MessageBlock(code: code, source: bytes[$0]) }
    }

    /// The text of a code with its parameters filled in; the code itself where the catalogue has none.
    ///
    /// A text that is missing in the reader's language is given in English.
    public func text(_ code: String, _ parameters: [String: String] = [:], in language: Language = .current) -> String {
        guard let block = block(code), let text = block.texts[language] ?? block.texts[.english] else { return code }
        return MessageTemplate.fill(text, parameters)
    }

    /// The advice that goes with a code, if it has any.
    public func hint(_ code: String, _ parameters: [String: String] = [:], in language: Language = .current) -> String? {
        guard let block = block(code), let hint = block.hints[language] ?? block.hints[.english] else { return nil }
        return MessageTemplate.fill(hint, parameters)
    }

    /// The exit code of the program when it fails with this code; 70 (internal error) for a code that states none.
    public func exitCode(_ code: String) -> Int32 {
        block(code)?.exitCode ?? 70
    }

    /// The text of a code in the embedded catalogue.
    public static func text(_ code: String, _ parameters: [String: String] = [:], in language: Language = .current) -> String {
        embedded.text(code, parameters, in: language)
    }

    /// The advice that goes with a code in the embedded catalogue.
    public static func hint(_ code: String, _ parameters: [String: String] = [:], in language: Language = .current) -> String? {
        embedded.hint(code, parameters, in: language)
    }

    /// The exit code that goes with a code in the embedded catalogue.
    public static func exitCode(_ code: String) -> Int32 {
        embedded.exitCode(code)
    }

    private static func embeddedBytes() -> [UInt8] {
        var all: [UInt8] = []
        for bytes in EmbeddedFile.all(in: "messages/") {
            all.append(contentsOf: bytes)
            all.append(UInt8(ascii: "\n"))
        }
        return all
    }

    private static func blockRanges(_ bytes: [UInt8]) -> [String: Range<Int>] {
        var ranges: [String: Range<Int>] = [:]
        ranges.reserveCapacity(bytes.count / 160)
        var open: (code: String, start: Int)?
        var lineStart = 0
        while lineStart < bytes.count {
            let lineEnd = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if bytes[lineStart] == UInt8(ascii: "["),
                let close = bytes[lineStart..<lineEnd].firstIndex(of: UInt8(ascii: "]"))
            {
                if let open { ranges[open.code] = open.start..<lineStart }
                open = (String(decoding: bytes[(lineStart + 1)..<close], as: UTF8.self), lineStart)
            }
            lineStart = lineEnd + 1
        }
        if let open { ranges[open.code] = open.start..<bytes.count }
        return ranges
    }
}
