/// The head of a content line, and where its value stands.
struct VCardProperty {
    struct Parameter {
        /// In capitals.
        let name: String
        let values: [String]
        /// As it stands in the card.
        let written: [UInt8]
    }

    /// A value of which text is asked is no longer than this.
    static let textMaximum = 1 << 20

    /// With its point at the end, as it stands there; empty where there is none.
    let group: [UInt8]
    /// In capitals.
    let name: String
    private let writtenName: [UInt8]
    let parameters: [Parameter]
    /// Where the value begins, still folded, and where it ends.
    let valueStart: Int
    private(set) var valueEnd: Int

    /// Reads a head; nil where a line has none.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        var head: [UInt8] = [], index = range.lowerBound, isQuoted = false, cuts: [Int] = []
        let line = bytes[range]
        while true {
            guard index < line.endIndex, head.count <= VCardLines.headMaximum else { return nil }
            if let next = VCardLines.afterFold(line, index) { index = next; continue }
            let byte = line[index]
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, byte == UInt8(ascii: ":") { break }
            if !isQuoted, byte == UInt8(ascii: ";") { cuts.append(head.count) }
            head.append(byte)
            index += 1
        }
        (valueStart, valueEnd) = (index + 1, range.upperBound)
        let full = head[..<(cuts.first ?? head.count)]
        if let point = full.lastIndex(of: UInt8(ascii: ".")) {
            (group, writtenName) = (Array(full[...point]), Array(full[(point + 1)...]))
        } else {
            (group, writtenName) = ([], Array(full))
        }
        guard VCardProperty.isName(writtenName[...]), group.isEmpty || VCardProperty.isName(group.dropLast()) else { return nil }
        name = String(decoding: writtenName, as: UTF8.self).uppercased()
        parameters = zip(cuts, cuts.dropFirst() + [head.count]).map { VCardProperty.parameter(head[($0 + 1)..<$1]) }
    }

    /// The same up to another end.
    func reaching(_ end: Int) -> VCardProperty {
        var copy = self
        copy.valueEnd = end
        return copy
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    private static func parameter(_ bytes: ArraySlice<UInt8>) -> Parameter {
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
            // vCard 2.1 leaves out what the name would say.
            let word = String(decoding: bytes, as: UTF8.self).uppercased()
            let name = ["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"].contains(word) ? "ENCODING" : "TYPE"
            return Parameter(name: name, values: [word], written: Array(bytes))
        }
        var values: [[UInt8]] = [[]], isQuoted = false
        for byte in bytes[(equals + 1)...] {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() } else if byte == UInt8(ascii: ","), !isQuoted { values.append([]) } else {
                values[values.count - 1].append(byte)
            }
        }
        return Parameter(
            name: String(decoding: bytes[..<equals], as: UTF8.self).uppercased(),
            // Some write the types of vCard 4 as one quoted list.
            values: values.flatMap { String(decoding: $0, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false).map(String.init) },
            written: Array(bytes))
    }

    /// The values of all parameters of a name, which is in capitals; in small letters.
    func parameter(_ name: String) -> [String] { parameters.filter { $0.name == name }.flatMap { $0.values.map { $0.lowercased() } } }

    /// What the value is for, in small letters.
    var types: Set<String> { Set(parameter("TYPE")) }

    var isQuotedPrintable: Bool { parameter("ENCODING").contains("quoted-printable") }

    /// Whether the value is other than text.
    private var isBinary: Bool { !Set(parameter("ENCODING")).isDisjoint(with: ["b", "base64"]) }

    /// The head as it stands in the card, without some parameters.
    func head(dropping: Set<String>) -> [UInt8] {
        parameters.reduce(into: group + writtenName) { head, parameter in
            if !dropping.contains(parameter.name) { head += [UInt8(ascii: ";")] + parameter.written }
        }
    }

    // MARK: The value

    /// The value's bytes as UTF-8, without folds and encoding; nil where it is no text, or too long to be one.
    private func content(_ bytes: [UInt8]) -> [UInt8]? {
        guard !isBinary, valueEnd - valueStart <= VCardProperty.textMaximum, valueStart <= valueEnd else { return nil }
        var content = Array(bytes[valueStart..<valueEnd])
        if isQuotedPrintable { content = VCardText.quotedPrintable(content) } else { content = VCardLines.unfolded(content[...]) }
        if let charset = parameter("CHARSET").first, !["utf-8", "utf8", "us-ascii"].contains(charset) { return VCardText.utf8(content, from: charset) }
        return String(validating: content, as: UTF8.self) == nil ? nil : content
    }

    /// The value as one text.
    func text(_ bytes: [UInt8], version: String = "3.0") -> String? {
        content(bytes).map { VCardText.unescaped($0[...], version: version) }
    }

    /// The value's parts between separators that stand without an escape.
    func components(_ bytes: [UInt8], version: String, dividedBy separator: UInt8) -> [String] {
        encodedComponents(bytes, dividedBy: separator).map { VCardText.unescaped($0[...], version: version) }
    }

    /// The same with their escapes.
    func encodedComponents(_ bytes: [UInt8], dividedBy separator: UInt8) -> [[UInt8]] {
        guard let content = content(bytes) else { return [] }
        var parts: [[UInt8]] = [], start = 0, index = 0
        while index < content.count {
            if content[index] == UInt8(ascii: "\\") { index += 2; continue }
            if content[index] == separator {
                parts.append(Array(content[start..<index]))
                start = index + 1
            }
            index += 1
        }
        return parts + [Array(content[min(start, content.count)...])]
    }
}
