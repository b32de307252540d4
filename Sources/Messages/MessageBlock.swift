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
        for lineBytes in source.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: lineBytes, as: UTF8.self)
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("[") {
                exitCode = line.split(separator: "=").dropFirst().first.flatMap { Int32($0) }
            } else if line.hasPrefix("  "), let open {
                append("\n" + line.dropFirst(2), to: open.language, isHint: open.isHint)
            } else if let colon = line.firstIndex(of: ":") {
                let key = line[..<colon]
                let isHint = key.hasSuffix(".hint")
                guard let language = Language(rawValue: String(isHint ? key.dropLast(5) : key)) else { continue }
                open = (language, isHint)
                append(String(line[line.index(after: colon)...].drop { $0 == " " }), to: language, isHint: isHint)
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
