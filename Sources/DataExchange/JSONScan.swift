/// Strict JSON (RFC 8259) over bytes that are known to be well-formed UTF-8: finds where values start and end, and
/// allocates nothing.
struct JSONScan {
    enum Fault: Error {
        case invalid(offset: Int)
        case nul
    }

    /// A string's bytes between its quotes.
    struct Text {
        let start: Int
        let end: Int
        let hasEscapes: Bool
    }

    let base: UnsafePointer<UInt8>
    let count: Int
    private(set) var position: Int

    /// Reads from a place on, up to the end of the bytes.
    init(_ base: UnsafePointer<UInt8>, _ count: Int, from position: Int = 0) {
        self.base = base
        self.count = count
        self.position = position
    }

    /// The byte at hand; NUL, which no JSON holds, at the end.
    var byte: UInt8 { position < count ? base[position] : 0 }

    var fault: Fault { .invalid(offset: position) }

    mutating func skipSpace() {
        while position < count, base[position] <= Byte.space, Self.isSpace(base[position]) { position &+= 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == Byte.space || byte == Byte.tab || byte == Byte.lineFeed || byte == Byte.carriageReturn
    }

    /// Takes this byte if it is the one at hand.
    mutating func take(_ expected: UInt8) -> Bool {
        guard byte == expected else { return false }
        position += 1
        return true
    }

    mutating func expect(_ expected: UInt8) throws(Fault) {
        if !take(expected) { throw fault }
    }

    /// Reads a string with its quotes.
    mutating func text() throws(Fault) -> Text {
        try expect(Byte.quote)
        let start = position
        var hasEscapes = false
        while true {
            while position < count, base[position] >= Byte.space, base[position] != Byte.quote,
                base[position] != Byte.backslash
            { position &+= 1 }
            switch byte {
            case Byte.quote where position < count:
                position += 1
                return Text(start: start, end: position - 1, hasEscapes: hasEscapes)
            case Byte.backslash:
                hasEscapes = true
                position += 1
                try escape()
            default:
                throw fault
            }
        }
    }

    private mutating func escape() throws(Fault) {
        let letter = byte
        position += 1
        switch letter {
        case Byte.quote, Byte.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if unit == 0 { throw .nul }
            if unit & 0xFC00 == 0xDC00 { throw fault }
            if unit & 0xFC00 == 0xD800 {
                try expect(Byte.backslash)
                try expect(UInt8(ascii: "u"))
                if try hexUnit() & 0xFC00 != 0xDC00 { throw fault }
            }
        default:
            throw fault
        }
    }

    private mutating func hexUnit() throws(Fault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Self.hexDigit(byte) else { throw fault }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    /// Reads any value and tells what a cell that holds it is.
    mutating func value(depth: Int = 0) throws(Fault) -> CellKind {
        switch byte {
        case Byte.quote:
            _ = try text()
            return .text
        case UInt8(ascii: "t"): return try word("true", .boolean)
        case UInt8(ascii: "f"): return try word("false", .boolean)
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), 0x30...0x39: return try number()
        case Byte.openBracket: return try array(depth: depth + 1)
        case Byte.openBrace: return try object(depth: depth + 1)
        default: throw fault
        }
    }

    private mutating func word(_ word: StaticString, _ kind: CellKind) throws(Fault) -> CellKind {
        for index in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[index]) }
        return kind
    }

    private mutating func number() throws(Fault) -> CellKind {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return .number
    }

    private mutating func digits() throws(Fault) {
        let start = position
        while position < count, base[position] &- 0x30 < 10 { position &+= 1 }
        if position == start { throw fault }
    }

    private mutating func array(depth: Int) throws(Fault) -> CellKind {
        if depth > TableLimits.jsonDepth { throw fault }
        position += 1
        skipSpace()
        if take(Byte.closeBracket) { return .list }
        var kind = CellKind.list
        while true {
            skipSpace()
            switch try value(depth: depth) {
            case .text, .number, .boolean: break
            case .absent, .null, .list, .json: kind = .json
            }
            skipSpace()
            if take(Byte.closeBracket) { return kind }
            try expect(Byte.comma)
        }
    }

    private mutating func object(depth: Int) throws(Fault) -> CellKind {
        if depth > TableLimits.jsonDepth { throw fault }
        position += 1
        skipSpace()
        if take(Byte.closeBrace) { return .json }
        while true {
            skipSpace()
            _ = try text()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            _ = try value(depth: depth)
            skipSpace()
            if take(Byte.closeBrace) { return .json }
            try expect(Byte.comma)
        }
    }
}

extension JSONScan {
    /// Writes a string's bytes without its escapes, at most as many as it has, and returns how many.
    static func unescape(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) -> Int {
        var written = 0
        var index = 0
        func unit(_ at: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 4 | (hexDigit(source[at + $1]) ?? 0) }
        }
        while index < source.count {
            let byte = source[index]
            index += 1
            if byte != Byte.backslash {
                target[written] = byte
                written += 1
                continue
            }
            let letter = source[index]
            index += 1
            if letter == UInt8(ascii: "u") {
                var scalar = unit(index)
                index += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(index + 2) & 0x3FF
                    index += 6
                }
                for encoded in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
                    target[written] = encoded
                    written += 1
                }
                continue
            }
            switch letter {
            case UInt8(ascii: "b"): target[written] = 8
            case UInt8(ascii: "f"): target[written] = 12
            case UInt8(ascii: "n"): target[written] = Byte.lineFeed
            case UInt8(ascii: "r"): target[written] = Byte.carriageReturn
            case UInt8(ascii: "t"): target[written] = Byte.tab
            default: target[written] = letter
            }
            written += 1
        }
        return written
    }

    /// The elements of an array of texts, numbers and booleans that has been read before, each as its text.
    static func elements(ofList list: UnsafeBufferPointer<UInt8>) -> [String] {
        guard let base = list.baseAddress else { return [] }
        var scan = JSONScan(base, list.count, from: 1)
        var elements: [String] = []
        while true {
            scan.skipSpace()
            if scan.take(Byte.closeBracket) { return elements }
            if scan.take(Byte.comma) { continue }
            let start = scan.position
            guard let kind = try? scan.value() else { return elements }
            guard kind == .text else {
                elements.append(String(decoding: list[start..<scan.position], as: UTF8.self))
                continue
            }
            let inner = UnsafeBufferPointer(rebasing: list[start + 1..<scan.position - 1])
            elements.append(
                String(unsafeUninitializedCapacity: inner.count) { buffer in
                    buffer.baseAddress.map { unescape(inner, into: $0) } ?? 0
                })
        }
    }
}
