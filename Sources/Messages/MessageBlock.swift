/// What the catalogue says under one code.
public struct MessageBlock: Sendable {
    /// The code, such as `exchange.file-missing`.
    public let code: String
    /// The exit code of an error; nil for texts that are not errors.
    public private(set) var exitCode: Int32?
    /// The text in each language, with placeholders.
    public private(set) var texts: [Language: String] = [:]
    /// The advice in each language, with placeholders.
    public private(set) var hints: [Language: String] = [:]

    init(code: String, source: ArraySlice<UInt8>) {
        self.code = code
        var open: (language: Language, isHint: Bool)?
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        for line in source.split(separator: UInt8(ascii: "\n")) {
            if line.first == UInt8(ascii: "#") { continue }
            if line.first == UInt8(ascii: "[") {
                exitCode = line.split(separator: UInt8(ascii: "=")).dropFirst().first.flatMap { Int32(text($0)) }
            } else if line.starts(with: "  ".utf8), let open {
                append("\n" + text(line.dropFirst(2)), to: open.language, isHint: open.isHint)
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let key = text(line[..<colon])
                let isHint = key.hasSuffix(".hint")
                guard let language = Language(rawValue: isHint ? String(key.dropLast(5)) : key) else { continue }
                open = (language, isHint)
                append(text(line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }), to: language, isHint: isHint)
            }
        }
    }

    private mutating func append(_ part: String, to language: Language, isHint: Bool) {
        if isHint {
            hints[language, default: ""] += part
        } else {
            texts[language, default: ""] += part
        }
    }
}
