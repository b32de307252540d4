/// A format that a table may be written in.
public enum TableFormat: String, Sendable {
    /// Text with a delimiter (RFC 4180): comma, semicolon or tab.
    case csv
    /// One JSON object a line.
    case jsonLines = "jsonl"
    /// One JSON array of objects.
    case jsonArray = "json"

    /// The format of a table with this name and these first bytes of text. The ending of the name decides between CSV
    /// and JSON; where it says nothing, the text does.
    ///
    /// - Throws: `exchange.format-unsupported` for a spreadsheet file.
    static func found(name: String, head: UnsafeBufferPointer<UInt8>) throws(TableError) -> TableFormat {
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw .formatUnsupported("xlsx")
        }
        let byText = sniffed(head)
        let dot = name.lastIndex(of: ".")
        switch dot.map({ name[name.index(after: $0)...].lowercased() }) {
        case "csv", "tsv", "txt": return .csv
        case "json", "jsonl", "ndjson": return byText == .jsonArray ? .jsonArray : .jsonLines
        default: return byText
        }
    }

    private static func sniffed(_ head: UnsafeBufferPointer<UInt8>) -> TableFormat {
        var shown = head.lazy.filter { !JSONScan.isSpace($0) }.makeIterator()
        switch (shown.next(), shown.next()) {
        case (Byte.openBrace, Byte.quote), (Byte.openBrace, Byte.closeBrace): return .jsonLines
        case (Byte.openBracket, Byte.openBrace), (Byte.openBracket, Byte.closeBracket): return .jsonArray
        default: return .csv
        }
    }

    /// The delimiter that stands most often in the first line that is not blank, outside quotes; a comma where none
    /// does.
    static func sniffedDelimiter(_ head: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var quoted = false
        var blank = true
        for byte in head {
            if byte == Byte.quote { quoted.toggle() }
            if !quoted && (byte == Byte.lineFeed || byte == Byte.carriageReturn) {
                if blank { continue }
                break
            }
            blank = false
            if !quoted { counts[byte, default: 0] += 1 }
        }
        var best = Byte.comma
        for candidate in [Byte.semicolon, Byte.tab] where counts[candidate, default: 0] > counts[best, default: 0] {
            best = candidate
        }
        return best
    }
}

/// What is known of a table beforehand; what is not is found from its name and its first bytes.
public struct TableOptions: Sendable {
    public var format: TableFormat?
    public var encoding: TextEncoding?
    /// The delimiter of CSV, an ASCII byte.
    public var delimiter: UInt8?

    public init(format: TableFormat? = nil, encoding: TextEncoding? = nil, delimiter: UInt8? = nil) {
        self.format = format
        self.encoding = encoding
        self.delimiter = delimiter
    }
}
