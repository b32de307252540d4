import ProfileModel

/// Choices, yes and no, and codes.
extension StandardForm {
    func appendChoice(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        guard let name = choices.name(of: bytes) else { throw .notAChoice }
        output.append(contentsOf: name)
    }

    func readBoolean(_ bytes: UTF8Bytes) throws(FormProblem.Reason) -> Bool {
        var reader = ByteReader(bytes)
        let yes: [StaticString] = ["true", "yes", "on", "1", "是", "真", "对", "有", "√", "✓", "✔", "y", "t"]
        let no: [StaticString] = ["false", "off", "no", "0", "否", "假", "错", "无", "没有", "不是", "×", "✗", "n", "f"]
        for word in yes {
            reader.index = 0
            if reader.take(word), reader.isAtEnd { return true }
        }
        for word in no {
            reader.index = 0
            if reader.take(word), reader.isAtEnd { return false }
        }
        throw .notABoolean
    }

    /// Appends a code: one line in which white space is a single space; in capitals, and without any, where the field's
    /// standard has them. Apostrophes in front, by which spreadsheets keep numbers as texts, are left out.
    func appendCode(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let start = output.count
        var hasWord = false, isASCII = true, index = bytes.prefix { $0 == 0x27 || $0.isWhiteSpace }.count
        while index < bytes.count {
            let unit = bytes[index]
            index += 1
            if unit.isWhiteSpace {
                if !writesCapitals, output.last != 0x20, output.count > start { output.append(0x20) }
                continue
            }
            if unit < 0x20 || unit == 0x7F { throw .controlCharacter }
            hasWord = hasWord || unit.isDigit || unit.isLetter || unit >= 0x80
            isASCII = isASCII && unit < 0x80
            output.append(writesCapitals ? unit.uppercased : unit)
        }
        guard hasWord else { throw .notACode }
        if !isASCII { NormalizationFormC.normalizeIfNeeded(&output, from: start) }
        if let scheme { try scheme.check(&output, from: start) }
        try checkLength(of: output, from: start)
    }
}

/// The names and labels of a field's choices, ready for comparison.
struct ChoiceLabels: Sendable {
    private let entries: [(folded: [UInt8], name: [UInt8])]

    init(_ choices: [FieldRule.Choice]) {
        entries = choices.flatMap { choice in
            ([choice.name] + choice.labels).map { label in
                var label = label
                return (label.withUTF8 { ChoiceLabels.folded($0) }, Array(choice.name.utf8))
            }
        }
    }

    /// The choice that a name or label means, whatever its case, spaces, hyphens and underscores.
    func name(of bytes: UTF8Bytes) -> [UInt8]? {
        let folded = ChoiceLabels.folded(bytes)
        return entries.first { $0.folded == folded }?.name
    }

    private static func folded(_ bytes: UTF8Bytes) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        for unit in bytes where !unit.isWhiteSpace && unit != 0x2D && unit != 0x5F { folded.append(unit.lowercased) }
        return folded
    }
}
